using System.Globalization;
using OneComp.Export;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.AutoBit;
using OneComp.Quantization.Gptq;

namespace OneComp.Estimation;

/// <summary>
/// The bits that fit a GPU, counted: each tensor as it is stored and served, the KV cache for a context and batch, and a workspace. Needs
/// config.json; where the weights are there too, their headers say which types the other tensors have.
/// </summary>
public static class MemoryEstimator
{
    private const double BytesPerGB = 1e9;
    private const int HalfBytes = 2;

    /// <summary>Estimates the bits that fit.</summary>
    /// <param name="config">The model.</param>
    /// <param name="options">The memory, and what the model is served with.</param>
    /// <exception cref="EstimationException">The model does not fit at any number of bits.</exception>
    /// <exception cref="ExportException">The form cannot hold layers of such groups.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public static VramEstimate Estimate(ModelConfig config, MemoryOptions options)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var source = SourceTensors.Read(config);
        var layers = source.Topology.Layers.Where(layer => layer.Block >= 0).ToList();
        var weights = layers.Sum(layer => layer.WeightCount);
        var export = new ExportOptions { Model = config.Folder, Destination = config.Folder + "-auto", Format = options.Format, TensorParallel = options.TensorParallel };
        var linear = new BitCurve(bits => Uniform(layers, bits, options).Sum(planned => PlannedTensors.Specs(planned, config, export).Sum(WeightFiles.SizeOf)));

        var serving = new ServingMemory(config, options);
        var budget = (options.TotalVramGB * options.VramRatio) - options.ReserveGB;
        var rest = source.Topology.Tensors.Where(tensor => tensor.Kind != TensorKind.Linear).Sum(tensor => GpuBytes(tensor, options)) / BytesPerGB;
        var available = budget - ((serving.KvCacheBytes + serving.WorkspaceBytes) / BytesPerGB) - rest;
        var target = linear.BitsFor(available * BytesPerGB * options.TensorParallel);
        if (!(target > 0))
        {
            throw TooLarge(config, options, serving, budget, rest);
        }

        var saved = Math.Min(target, BitCurve.Most);
        return new VramEstimate
        {
            Model = config.Folder,
            Method = EstimateMethod.Exact,
            TargetBitwidth = target,
            TotalVramGB = options.TotalVramGB,
            BudgetGB = budget,
            ReserveGB = options.ReserveGB,
            KvCacheGB = serving.KvCacheBytes / BytesPerGB,
            WorkspaceGB = serving.WorkspaceBytes / BytesPerGB,
            NonQuantWeightGB = rest,
            AvailableForQuantGB = available,
            TotalParams = source.Topology.TotalParameters,
            QuantizableParams = weights,
            MetaBitsPerParam = (8 * linear.At(target) / weights) - target,
            CheckpointBytes = FolderBytes(source, layers, saved, options, export),
            ContextLength = serving.ContextLength,
            BatchSize = options.BatchSize,
            KvBits = options.KvBits,
            TensorParallel = options.TensorParallel,
            Tensors = Table(source, linear.At(saved), options),
        };
    }

    /// <summary>The folder that the default quantizer with this budget leaves: between those of the whole bits around it.</summary>
    private static long FolderBytes(SourceTensors source, List<LinearLayer> layers, double target, MemoryOptions options, ExportOptions export)
    {
        var lower = Math.Clamp((int)Math.Floor(target), BitCurve.Least, BitCurve.Most - 1);
        var atLower = Bytes(lower);
        return atLower + (long)((target - lower) * (Bytes(lower + 1) - atLower));

        long Bytes(int bits)
        {
            var planned = Uniform(layers, bits, options);
            var plan = new QuantizationPlan(planned, new AssignmentSummary { Model = source.Config.Folder, Strategy = "", EffectiveBits = bits });
            var quantizer = new AutoBitQuantizer { TargetBit = target, Model = source.Config.Folder };
            return FolderForecast.Bytes(source, plan, new QuantizationOptions { Model = source.Config.Folder, Quantizer = quantizer, Destination = export.Destination }, export);
        }
    }

    private static List<PlannedLayer> Uniform(IEnumerable<LinearLayer> layers, int bits, MemoryOptions options)
    {
        var quantizer = GptqPresets.Of(QuantizationPreset.Default) with { WBits = bits, GroupSize = options.GroupSize };
        return [.. layers.Select(layer => new PlannedLayer(layer, quantizer))];
    }

    // Embedding and head are divided over the GPUs by tokens, biases with their layers; norms are on each.
    private static double GpuBytes(ModelTensor tensor, MemoryOptions options) =>
        (double)HalfBytes * tensor.ElementCount / (tensor.Kind == TensorKind.Norm ? 1 : options.TensorParallel);

    private static List<TensorKindMemory> Table(SourceTensors source, double linearBytes, MemoryOptions options)
    {
        var stored = source.Stored.ToDictionary(tensor => tensor.Name, WeightFiles.SizeOf);
        return [.. source.Topology.Tensors.GroupBy(tensor => tensor.Kind).Select(kind =>
        {
            var isLinear = kind.Key == TensorKind.Linear;
            var count = kind.Sum(tensor => tensor.ElementCount);
            return new TensorKindMemory
            {
                Kind = kind.Key,
                Tensors = kind.Count(),
                Parameters = count,
                BitsPerWeight = isLinear ? 8 * linearBytes / count : 8 * HalfBytes,
                GpuGB = (isLinear ? linearBytes / options.TensorParallel : kind.Sum(tensor => GpuBytes(tensor, options))) / BytesPerGB,
                CheckpointGB = (isLinear ? linearBytes : kind.Sum(tensor => (double)stored.GetValueOrDefault(tensor.Name))) / BytesPerGB,
            };
        })];
    }

    private static EstimationException TooLarge(ModelConfig config, MemoryOptions options, ServingMemory serving, double budget, double rest) => new(
        EstimationError.ModelTooLarge,
        config.Folder,
        string.Create(CultureInfo.InvariantCulture, $"{config.Folder}: {budget:0.######} GB ({options.VramRatio:0.##} of {options.TotalVramGB:0.######} GB, {options.ReserveGB:0.######} GB kept free) do not hold the model at any bit width: what stays in half precision takes {rest:0.######} GB, the KV cache for {options.BatchSize} x {serving.ContextLength} tokens {serving.KvCacheBytes / BytesPerGB:0.######} GB, the workspace {serving.WorkspaceBytes / BytesPerGB:0.######} GB. Use a GPU with more memory, a shorter -ContextLength, -KvBits 8, several GPUs (-TensorParallel), or a smaller model."));
}
