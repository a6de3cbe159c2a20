using System.Globalization;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;

namespace OneComp.Pipeline;

/// <summary>
/// A plan from rows, edited by hand perhaps. A row's bits and group size say which candidate it means; its quantizer's name
/// decides where several have them.
/// </summary>
internal sealed class GivenAssignment(ModelConfig config, ModelTopology topology, Quantizer quantizer)
{
    private const double SameBits = 1e-9;

    private readonly IReadOnlyList<WeightQuantizer> _candidates =
        quantizer is AutoBitQuantizer autoBit ? autoBit.Quantizers : [(WeightQuantizer)quantizer];

    private readonly Dictionary<string, LinearLayer> _layers = topology.Layers.ToDictionary(layer => layer.Name);
    private readonly List<string> _faults = [];

    /// <summary>The plan, in model order.</summary>
    /// <exception cref="AssignmentException">RowsNotPossible: rows cannot be carried out; all faults are listed.</exception>
    public IReadOnlyList<PlannedLayer> Plan(IReadOnlyList<LayerAssignment> rows)
    {
        foreach (var repeated in rows.CountBy(row => row.Layer).Where(count => count.Value > 1))
        {
            Fault(repeated.Key, string.Create(CultureInfo.InvariantCulture, $"has {repeated.Value} rows; keep one (of rows for several budgets, those of one TargetBit)"));
        }

        var planned = rows.DistinctBy(row => row.Layer).Select(Plan).OfType<PlannedLayer>().ToDictionary(layer => layer.Layer.Name);
        var inOrder = topology.Layers.Select(layer => planned.GetValueOrDefault(layer.Name)).OfType<PlannedLayer>().ToList();
        if (quantizer is AutoBitQuantizer auto)
        {
            CheckFused(auto, rows, inOrder);
            CheckBudget(auto, inOrder);
        }

        return _faults.Count == 0 ? inOrder : throw new AssignmentException(
            AssignmentError.RowsNotPossible,
            config.Folder,
            string.Create(CultureInfo.InvariantCulture, $"The assignment cannot be carried out on {config.Folder}, {_faults.Count} fault(s):\n") + string.Join("\n", _faults));
    }

    private PlannedLayer? Plan(LayerAssignment row)
    {
        if (!_layers.TryGetValue(row.Layer, out var layer))
        {
            return Fault(row.Layer, $"is no linear layer of the model; its layers are named like {topology.Layers[0].Name}");
        }

        if (row.InFeatures != layer.InFeatures || row.OutFeatures != layer.OutFeatures)
        {
            return Fault(row.Layer, string.Create(CultureInfo.InvariantCulture, $"is {layer.OutFeatures} x {layer.InFeatures} in the model, {row.OutFeatures} x {row.InFeatures} in the row: the rows are another model's"));
        }

        if (row.Quantizer.Length == 0)
        {
            return null; // stays as it is
        }

        if (layer.Block < 0)
        {
            return Fault(row.Layer, "lies outside the decoder blocks and stays as it is; leave its row out");
        }

        var fitting = _candidates.Where(candidate => Fits(candidate.SchemeFor(layer), row)).ToList();
        var chosen = fitting.FirstOrDefault(candidate => candidate.Name == row.Quantizer) ?? fitting.FirstOrDefault();
        return chosen is null
            ? Fault(row.Layer, string.Create(CultureInfo.InvariantCulture, $"no candidate has {row.Bits:0.###} bits with group size {row.GroupSize}; there are {string.Join(", ", _candidates.Select(candidate => candidate.Name))}"))
            : new PlannedLayer(layer, chosen, chosen.Name == row.Quantizer && !double.IsNaN(row.Error) ? row.Error : CandidateCosts.Find(row.Costs, chosen.Name));
    }

    private static bool Fits(LayerScheme scheme, LayerAssignment row) =>
        Math.Abs(scheme.Bits - row.Bits) <= SameBits && scheme.GroupSize == row.GroupSize;

    /// <summary>Groups are whole where every member has a row that can be carried out; other members' faults are told already.</summary>
    private void CheckFused(AutoBitQuantizer auto, IReadOnlyList<LayerAssignment> rows, List<PlannedLayer> planned)
    {
        if (!auto.EnableFusedGroups)
        {
            return;
        }

        var faulty = rows.Where(row => row.Quantizer.Length > 0).Select(row => row.Layer).Except(planned.Select(layer => layer.Layer.Name)).ToHashSet();
        _faults.AddRange(FusedSplits.Of(auto, [.. topology.Layers.Where(layer => !faulty.Contains(layer.Name))], planned));
    }

    private void CheckBudget(AutoBitQuantizer auto, List<PlannedLayer> planned)
    {
        if (planned.Count == 0 || EffectiveTarget.Of(auto, [.. planned.Select(layer => layer.Layer)]) is not { } target)
        {
            return;
        }

        var weights = planned.Sum(layer => layer.Parameters);
        var used = planned.Sum(layer => StoredBits.Of(layer.Layer, layer.Scheme));
        if (used > AssignmentProblem.WholeBits(target, weights))
        {
            _faults.Add(string.Create(CultureInfo.InvariantCulture, $"over budget: the rows take {(double)used / weights:0.####} effective bits per weight, {auto.Name} allows {target:0.####}"));
        }
    }

    private PlannedLayer? Fault(string layer, string message)
    {
        _faults.Add($"{layer}: {message}");
        return null;
    }
}
