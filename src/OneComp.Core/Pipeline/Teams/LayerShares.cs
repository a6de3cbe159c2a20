using OneComp.Models;
using OneComp.Quantization;

namespace OneComp.Pipeline.Teams;

/// <summary>
/// Which device quantizes which layer: the longest first, each to the device that is done with it first. The factor of a stage's Hessian is counted
/// once on each device that has layers of the stage, which keeps those together where that is the faster.
/// </summary>
internal static class LayerShares
{
    // Seconds of GPTQ in docs/performance.md: the column loop and its products, and the factor. Only their ratios count.
    private const double PerColumn = 1.8e-6;
    private const double PerProduct = 1.6e-14;
    private const double PerFactorEntry = 1.7e-10;

    /// <summary>The layers of each device, in the order that they were given.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="devices">How many devices share them.</param>
    public static IReadOnlyList<IReadOnlyList<PlannedLayer>> Of(IReadOnlyList<PlannedLayer> layers, int devices)
    {
        var owner = new Dictionary<string, int>();
        var busy = new double[devices];
        var factored = new HashSet<(int Device, BlockStage? Stage)>();
        foreach (var planned in layers.OrderByDescending(planned => Loop(planned.Layer) + Factor(planned.Layer)))
        {
            var best = Enumerable.Range(0, devices).MinBy(Done);
            busy[best] = Done(best);
            factored.Add((best, planned.Layer.Stage));
            owner.Add(planned.Layer.Name, best);

            double Done(int device) => busy[device] + Loop(planned.Layer) + (factored.Contains((device, planned.Layer.Stage)) ? 0 : Factor(planned.Layer));
        }

        return [.. Enumerable.Range(0, devices).Select(device => (IReadOnlyList<PlannedLayer>)[.. layers.Where(planned => owner[planned.Layer.Name] == device)])];
    }

    private static double Loop(LinearLayer layer) => (PerColumn * layer.InFeatures) + (PerProduct * layer.WeightCount * layer.InFeatures);

    private static double Factor(LinearLayer layer) => PerFactorEntry * layer.InFeatures * layer.InFeatures;
}
