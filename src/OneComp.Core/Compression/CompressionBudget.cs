using System.Globalization;
using OneComp.Estimation;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime;

namespace OneComp.Compression;

/// <summary>Finds the bits to compress a model to where they are not given.</summary>
public static class CompressionBudget
{
    private const double WithoutGpu = 4;
    private const double Most = 8;
    private const double BytesPerGB = 1e9;

    /// <summary>
    /// The bits that fit the memory given, or that of the first GPU; 8 at most, which is what the largest candidate has. 4 where there is no
    /// GPU and no memory was given.
    /// </summary>
    /// <param name="config">The model.</param>
    /// <param name="totalVramGB">Memory of the GPU that serves the model; null to ask for that of this machine.</param>
    /// <param name="groupSize">Weights that share a scale.</param>
    /// <param name="progress">Told what was found.</param>
    /// <exception cref="EstimationException">The model does not fit at any number of bits.</exception>
    public static double Of(ModelConfig config, double? totalVramGB, int groupSize, IProgress<RunEvent>? progress)
    {
        var memory = totalVramGB ?? ComputeDevices.List().FirstOrDefault(device => device.Name.StartsWith("cuda", StringComparison.Ordinal))?.TotalMemoryBytes / BytesPerGB;
        if (memory is not { } total)
        {
            progress?.Report(new WarningEvent(string.Create(CultureInfo.InvariantCulture, $"No memory was given (-TotalVramGB), and there is no GPU to ask: compressing to {WithoutGpu} bits per weight. -WBits sets them.")));
            return WithoutGpu;
        }

        var estimate = MemoryEstimator.Estimate(config, new MemoryOptions { TotalVramGB = total, GroupSize = groupSize });
        progress?.Report(new VerboseEvent(string.Create(CultureInfo.InvariantCulture, $"{total:0.###} GB hold {config.Folder} at {estimate.TargetBit:0.##} bits per weight, with {estimate.KvCacheGB:0.###} GB for {estimate.ContextLength} tokens of context and {estimate.WorkspaceGB:0.###} GB of workspace.")));

        // Rounded down to a hundredth: a folder is named by it.
        return Math.Min(Most, Math.Floor(estimate.TargetBit * 100) / 100);
    }
}
