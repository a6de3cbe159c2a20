using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>Token ids of windows as batches.</summary>
internal static class TokenBatches
{
    /// <summary>Ids of <paramref name="windows"/> as batches, (windows, tokens) int64. The caller owns them.</summary>
    public static IReadOnlyList<Tensor> Of(TokenWindows windows, StatesPlacement placement)
    {
        var perBatch = placement.WindowsPerBatch(windows.Length);
        var batches = new List<Tensor>();
        for (var first = 0; first < windows.Count; first += perBatch)
        {
            var count = Math.Min(perBatch, windows.Count - first);
            var ids = windows.Ids.AsSpan(first * windows.Length, count * windows.Length).ToArray();
            using var flat = tensor(ids, dtype: ScalarType.Int64);
            batches.Add(flat.reshape(count, windows.Length).DetachFromDisposeScope());
        }

        return batches;
    }

    /// <summary>The windows in each batch by their number, which they have in their order.</summary>
    public static int[][] Number(IReadOnlyList<Tensor> ids)
    {
        var first = 0;
        return [.. ids.Select(batch => Enumerable.Range((first += (int)batch.shape[0]) - (int)batch.shape[0], (int)batch.shape[0]).ToArray())];
    }
}
