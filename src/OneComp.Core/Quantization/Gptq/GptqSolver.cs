using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// GPTQ of one layer. Columns go in segments, and those in blocks: the error of each column is fed to the columns after it, inside
/// the block one by one, to the rest of the segment by a product with U. What a segment leaves goes on by one product with R, and
/// the next segment begins with it. No segment splits a group, so a group's range is always taken from weights that hold every
/// earlier column's correction, whatever the group size.
/// </summary>
internal static class GptqSolver
{
    /// <summary>Quantizes a layer.</summary>
    /// <param name="problem">With a Hessian.</param>
    /// <param name="options">The settings.</param>
    /// <param name="token">Asked before each block.</param>
    /// <exception cref="NumericException">The Hessian cannot be factorised, or the weight is not finite or too large.</exception>
    /// <returns>What GPTQ gives, or W rounded to nearest where that is better. The caller owns it.</returns>
    public static GroupedWeight Quantize(LayerProblem problem, GptqQuantizer options, CancellationToken token)
    {
        using var scope = NewDisposeScope();
        WeightCheck.Require(problem, options.SchemeFor(problem.Layer).MostWeight);
        var (quantized, ranges) = Quantize(problem, options, GptqLoops.For(problem.Weight.device, problem.Progress), token);
        var better = RoundingCheck.Better(problem, options, quantized, ranges);
        better.MoveToOuterDisposeScope();
        return better;
    }

    /// <summary>GPTQ itself, with the block loop given.</summary>
    /// <returns>The layer, and the ranges that were found before the first column, (d_out, groups), where there are such; the caller owns both.</returns>
    internal static (GroupedWeight Quantized, (Tensor Scales, Tensor Zeros)? Ranges) Quantize(LayerProblem problem, GptqQuantizer options, IGptqBlockLoop loop, CancellationToken token)
    {
        var (quantized, ranges) = Solve(problem, options, loop, token);
        return (options.RefineIters > 0 ? GptqRefiner.Run(problem, quantized, options.RefineIters, options.PercDamp, token) : quantized, ranges);
    }

    private static (GroupedWeight Quantized, (Tensor Scales, Tensor Zeros)? Ranges) Solve(LayerProblem problem, GptqQuantizer options, IGptqBlockLoop loop, CancellationToken token)
    {
        var scheme = options.SchemeFor(problem.Layer);
        var factor = (problem.Hessian ?? throw new ArgumentException("GPTQ needs a Hessian", nameof(problem)))
            .Factor(options.PercDamp, options.ActOrder, problem.Layer.Name, problem.Progress);
        var search = options.SearchFor(scheme);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var state = State(problem, options, search, factor, token);
        var length = SegmentLength(options.BlockSize, state.GroupLength, state.RangesAreGiven);
        var carried = loop.Carried(state, factor);
        foreach (var (start, end) in Pieces(0, state.Columns, length))
        {
            using var segmentScope = NewDisposeScope();
            var upper = factor.Inverse(start, length);
            var weights = state.Weight.narrow(1, start, end - start).addmm(carried.Of(start, end), upper);
            var segment = new GptqSegment(start, weights, upper, carried.NewDifferences(end - start));
            RunBlocks(state, segment, options.BlockSize, loop, token);
            carried.Add(segment);
        }

        var found = ToModelOrder(problem, scheme, state, factor);
        return (found, state.RangesAreGiven ? (state.Scales.MoveToOuterDisposeScope(), state.Zeros.MoveToOuterDisposeScope()) : null);
    }

    /// <summary>Columns to a segment: a block's worth of whole groups, a group that is larger, or a block where ranges are given.</summary>
    internal static int SegmentLength(int blockSize, int groupLength, bool rangesAreGiven) =>
        rangesAreGiven ? blockSize : Math.Max(blockSize / groupLength, 1) * groupLength;

    /// <summary>The columns from <paramref name="start"/> to <paramref name="end"/> in pieces of a length; the last may be shorter.</summary>
    internal static IEnumerable<(int Start, int End)> Pieces(int start, int end, int length)
    {
        for (; start < end; start += length)
        {
            yield return (start, Math.Min(start + length, end));
        }
    }

    private static void RunBlocks(GptqState state, GptqSegment segment, int blockSize, IGptqBlockLoop loop, CancellationToken token)
    {
        foreach (var (start, end) in Pieces(0, segment.Length, blockSize))
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var errors = loop.Run(state, segment, segment.Start + start, segment.Start + end); // (d_out, block)
            if (end < segment.Length)
            {
                var rest = segment.Weights.narrow(1, end, segment.Length - end);
                rest.addmm_(errors!, segment.Upper.narrow(0, start, end - start).narrow(1, end, segment.Length - end), alpha: -1);
            }
        }
    }

    private static GptqState State(LayerProblem problem, GptqQuantizer options, RangeSearch search, HessianFactor factor, CancellationToken token)
    {
        var weight = problem.Weight.to(ScalarType.Float32).contiguous();
        if (factor.Dead is { } dead)
        {
            weight = weight.masked_fill(dead, 0);
        }

        var importance = options.WeightedMse ? problem.Hessian!.InputMoments() : null; // (d_in)
        var order = factor.Order;
        var ordered = order is null ? weight : weight.index_select(1, order);
        var length = search.Scheme.GroupLength((int)weight.shape[1]);
        if (!options.StaticGroups && length < weight.shape[1])
        {
            return new GptqState(ordered, search, order is null ? importance : importance?.index_select(0, order));
        }

        var groups = Enumerable.Range(0, (int)weight.shape[1]).Select(column => (factor.Permutation?[column] ?? column) / length);
        return new GptqState(ordered, search, GroupRanges.Find(weight, length, search, importance, token), [.. groups]);
    }

    private static GroupedWeight ToModelOrder(LayerProblem problem, GroupScheme scheme, GptqState state, HessianFactor factor)
    {
        var codes = state.Codes;
        var groupIndex = new int[state.Columns];
        if (factor.Order is { } order)
        {
            codes = empty_like(codes);
            codes.index_copy_(1, order, state.Codes);
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
