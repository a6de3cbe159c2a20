using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// GPTQ of one layer. Columns go in blocks: the error of each column is fed to the columns after it, first inside the block,
/// then, by one product with U, to the rest. A block never splits a group, so a group's range is always taken from weights
/// that hold every earlier column's correction, whatever the group size.
/// </summary>
internal static class GptqSolver
{
    /// <summary>Quantizes a layer.</summary>
    /// <param name="problem">With a Hessian.</param>
    /// <param name="options">The settings.</param>
    /// <param name="token">Asked before each block.</param>
    /// <exception cref="NumericException">The Hessian cannot be factorised.</exception>
    public static GroupedWeight Quantize(LayerProblem problem, GptqQuantizer options, CancellationToken token) =>
        Quantize(problem, options, problem.Weight.device.type == DeviceType.CPU ? new GptqCpuLoop() : new GptqTorchLoop(), token);

    /// <summary>The same with the block loop given.</summary>
    internal static GroupedWeight Quantize(LayerProblem problem, GptqQuantizer options, IGptqBlockLoop loop, CancellationToken token)
    {
        var scheme = options.SchemeFor(problem.Layer);
        var factor = (problem.Hessian ?? throw new ArgumentException("GPTQ needs a Hessian", nameof(problem)))
            .Factor(options.PercDamp, options.ActOrder, problem.Layer.Name, problem.Progress);
        var search = options.SearchFor(scheme);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var state = State(problem, options, search, factor);
        foreach (var (start, end) in Blocks(state.Columns, options.BlockSize, state.RangesAreGiven ? state.Columns : state.GroupLength))
        {
            token.ThrowIfCancellationRequested();
            using var blockScope = NewDisposeScope();
            var errors = loop.Run(state, start, end); // (d_out, block)
            if (end < state.Columns)
            {
                var rest = state.Weight.narrow(1, end, state.Columns - end);
                rest.addmm_(errors, factor.Upper.narrow(0, start, end - start).narrow(1, end, state.Columns - end), alpha: -1);
            }
        }

        return ToModelOrder(problem, scheme, state, factor);
    }

    /// <summary>Blocks of at most <paramref name="blockSize"/> columns that hold whole groups, or lie within one.</summary>
    internal static IEnumerable<(int Start, int End)> Blocks(int columns, int blockSize, int groupLength)
    {
        var wholeGroups = blockSize / groupLength * groupLength;
        for (var start = 0; start < columns;)
        {
            var limit = wholeGroups > 0 ? start + wholeGroups : Math.Min(start + blockSize, ((start / groupLength) + 1) * groupLength);
            var end = Math.Min(limit, columns);
            yield return (start, end);
            start = end;
        }
    }

    private static GptqState State(LayerProblem problem, GptqQuantizer options, RangeSearch search, HessianFactor factor)
    {
        var weight = problem.Weight.to(ScalarType.Float32, copy: true).contiguous();
        if (factor.DeadColumns.Length > 0)
        {
            weight.index_fill_(1, tensor(factor.DeadColumns, dtype: ScalarType.Int64, device: weight.device), 0);
        }

        var importance = options.WeightedMse ? problem.Hessian!.InputMoments() : null; // (d_in)
        var order = factor.Permutation is { } columns ? tensor(columns, dtype: ScalarType.Int64, device: weight.device) : null;
        var ordered = order is null ? weight : weight.index_select(1, order).contiguous();
        if (!options.StaticGroups)
        {
            return new GptqState(ordered, factor.Upper, search, order is null ? importance : importance?.index_select(0, order));
        }

        var length = search.Scheme.GroupLength((int)weight.shape[1]);
        var groups = Enumerable.Range(0, (int)weight.shape[1]).Select(column => (factor.Permutation?[column] ?? column) / length);
        return new GptqState(ordered, factor.Upper, search, GroupRanges.Find(weight, length, search, importance), [.. groups]);
    }

    private static GroupedWeight ToModelOrder(LayerProblem problem, GroupScheme scheme, GptqState state, HessianFactor factor)
    {
        var codes = state.Codes;
        var groupIndex = new int[state.Columns];
        if (factor.Permutation is { } order)
        {
            codes = empty_like(codes);
            codes.index_copy_(1, tensor(order, dtype: ScalarType.Int64, device: codes.device), state.Codes);
        }

        for (var column = 0; column < state.Columns; column++)
        {
            groupIndex[factor.Permutation?[column] ?? column] = state.Groups[column];
        }

        return new GroupedWeight(
            problem.Layer,
            scheme,
            codes.MoveToOuterDisposeScope(),
            state.Scales.to(ScalarType.Float16).MoveToOuterDisposeScope(),
            state.Zeros.to(ScalarType.Byte).MoveToOuterDisposeScope(),
            groupIndex);
    }
}
