using System.Globalization;
using OneComp.Quantization;

namespace OneComp.Reports;

/// <summary>
/// A plan as a grid: a row for each block, a column for each module, in the order in which they first appear. Layers outside the blocks
/// come in rows below. Where no layer belongs to a block, the grid has a row for each layer and one column.
/// </summary>
public sealed class HeatmapGrid
{
    private readonly LayerAssignment?[,] _cells; // (rows, columns)

    internal HeatmapGrid(IReadOnlyList<LayerAssignment> rows)
    {
        HasBlocks = rows.Any(row => row.Block >= 0);
        var rowKeys = rows.Select(RowKey).Distinct().OrderBy(key => key.Layer.Length > 0).ThenBy(key => key.Block).ToList();
        var columnKeys = rows.Select(ColumnKey).Distinct().ToList();
        RowLabels = [.. rowKeys.Select(key => key.Layer.Length > 0 ? key.Layer : key.Block.ToString(CultureInfo.InvariantCulture))];
        ColumnLabels = ShortNames.Of(columnKeys);

        _cells = new LayerAssignment?[rowKeys.Count, columnKeys.Count];
        var rowOf = Index(rowKeys);
        var columnOf = Index(columnKeys);
        foreach (var row in rows)
        {
            _cells[rowOf[RowKey(row)], columnOf[ColumnKey(row)]] = row;
        }
    }

    /// <summary>False where no layer belongs to a block.</summary>
    public bool HasBlocks { get; }

    /// <summary>Block numbers, then full names of layers outside the blocks.</summary>
    public IReadOnlyList<string> RowLabels { get; }

    /// <summary>Module names as short as they are unambiguous: <c>q_proj</c>.</summary>
    public IReadOnlyList<string> ColumnLabels { get; }

    /// <summary>The layer at a place of the grid; null where there is none.</summary>
    /// <param name="row">Index into <see cref="RowLabels"/>.</param>
    /// <param name="column">Index into <see cref="ColumnLabels"/>.</param>
    public LayerAssignment? this[int row, int column] => _cells[row, column];

    private static (int Block, string Layer) RowKey(LayerAssignment row) => row.Block >= 0 ? (row.Block, "") : (-1, row.Layer);

    private string ColumnKey(LayerAssignment row) => HasBlocks ? row.Module : "Bits";

    private static Dictionary<T, int> Index<T>(IEnumerable<T> keys)
        where T : notnull => keys.Select((key, index) => (key, index)).ToDictionary(pair => pair.key, pair => pair.index);
}
