namespace OneComp.Estimation;

/// <summary>Which settings a method uses: one that would change nothing is refused rather than passed over.</summary>
public static class EstimateSettings
{
    private static readonly string[] OfExact = [nameof(MemoryOptions.ReserveGB), nameof(MemoryOptions.ContextLength), nameof(MemoryOptions.BatchSize), nameof(MemoryOptions.KvBits), nameof(MemoryOptions.TensorParallel), nameof(MemoryOptions.Format)];
    private static readonly string[] OfOneComp = ["WBits"];

    /// <summary>Refuses settings of the other method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="given">Names of what was given.</param>
    /// <exception cref="EstimationException">SettingNotUsed.</exception>
    public static void Check(EstimateMethod method, IEnumerable<string> given)
    {
        var (unused, other) = method == EstimateMethod.Exact ? (OfOneComp, EstimateMethod.OneComp) : (OfExact, EstimateMethod.Exact);
        if (unused.Intersect(given, StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } found)
        {
            throw new EstimationException(EstimationError.SettingNotUsed, found[0], $"-Method {method} does not use {string.Join(", ", found.Select(name => "-" + name))}. Leave out what it does not use, or choose -Method {other}.");
        }
    }
}
