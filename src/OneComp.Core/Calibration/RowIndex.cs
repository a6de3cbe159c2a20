using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>Rows of a batch as a tensor that picks them.</summary>
internal static class RowIndex
{
    /// <summary>(rows) int64. The caller owns it.</summary>
    public static Tensor Of(int[] rows, Device device) =>
        tensor([.. rows.Select(row => (long)row)], dtype: ScalarType.Int64, device: device);

    /// <summary>All rows but some.</summary>
    public static int[] Others(long count, IReadOnlyCollection<int> rows) => [.. Enumerable.Range(0, (int)count).Where(row => !rows.Contains(row))];
}
