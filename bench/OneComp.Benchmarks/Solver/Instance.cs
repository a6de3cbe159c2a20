using OneComp.Quantization;
using OneComp.Quantization.AutoBit;

namespace OneComp.Benchmarks.Solver;

/// <summary>
/// Seeded random assignment problems with the shapes of a transformer. Costs fall fourfold a bit, times a random factor; layers
/// differ by a log-normal factor with a heavy tail, as measured sensitivities do.
/// </summary>
internal static class Instance
{
    private const double TailWidth = 1.8; // of ln cost over layers: 2.5 % of them cost more than 30 times the median
    private const double Noise = 0.15;

    private static readonly (int Out, int In)[] Shapes =
        [(4096, 4096), (1024, 4096), (1024, 4096), (4096, 4096), (14336, 4096), (14336, 4096), (4096, 14336)];

    private static readonly int[][] Fused = [[0, 1, 2], [4, 5]];

    /// <summary>Blocks of seven modules, q/k/v and gate/up fused.</summary>
    public static AssignmentProblem Dense(int seed, int blocks, (int Bits, int Group)[] candidates, double target) => Make(
        seed,
        [.. Enumerable.Repeat(Shapes, blocks).SelectMany(shapes => shapes)],
        [.. Enumerable.Range(0, blocks).SelectMany(block => Fused.Select(group => (IReadOnlyList<int>)[.. group.Select(module => (block * Shapes.Length) + module)]))],
        candidates,
        target);

    /// <summary>A mixture of experts: 60 blocks of four attention modules and experts of three, none fused.</summary>
    public static AssignmentProblem Experts(int seed, int modules, (int Bits, int Group)[] candidates, double target) => Make(
        seed,
        [.. Enumerable.Range(0, modules).Select(i => (i % 300) < 4 ? (4096, 4096) : i % 3 == 0 ? (2048, 768) : (768, 2048))],
        [],
        candidates,
        target);

    private static AssignmentProblem Make(int seed, (int Out, int In)[] shapes, IReadOnlyList<IReadOnlyList<int>> groups, (int Bits, int Group)[] candidates, double target)
    {
        var random = new Random(seed);
        var parameters = shapes.Select(shape => (long)shape.Out * shape.In).ToArray();
        var bits = shapes.Select(shape => candidates.Select(c => EffectiveBits.Of(c.Bits, c.Group, shape.In)).ToArray()).ToArray();
        var costs = parameters.Select(n => Costs(random, n, candidates)).ToArray();
        var budget = parameters.Select((n, l) => n * candidates.Average(c => EffectiveBits.Of(target, c.Group, shapes[l].In))).Sum() / parameters.Sum();
        return new AssignmentProblem([.. shapes.Select((_, l) => $"layer {l}")], parameters, bits, costs, groups, budget);
    }

    private static double[] Costs(Random random, long n, (int Bits, int Group)[] candidates)
    {
        var layer = n * Math.Exp(TailWidth * Normal(random)) * 1e-9;
        return [.. candidates.Select(c => layer * Math.Pow(4, -c.Bits) * Math.Sqrt(c.Group / 128.0) * Math.Exp(Noise * Normal(random)))];
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
