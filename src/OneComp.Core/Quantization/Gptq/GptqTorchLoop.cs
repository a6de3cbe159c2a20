using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>The block loop as tensor operations, for devices without a loop of their own.</summary>
internal sealed class GptqTorchLoop : IGptqBlockLoop
{
    public Tensor Run(GptqState state, GptqSegment segment, int start, int end)
    {
        var errors = empty(state.Rows, end - start, dtype: ScalarType.Float32, device: state.Weight.device);
        for (var column = start; column < end; column++)
        {
            using var scope = NewDisposeScope();
            var at = column - segment.Start;
            var group = state.Groups[column];
            if (!state.RangesAreGiven && column % state.GroupLength == 0)
            {
                FindGroup(state, segment, column, group);
            }

            var w = segment.Weights.narrow(1, at, 1);                                        // (d_out, 1)
            var scale = state.Scales.narrow(1, group, 1);
            var zero = state.Zeros.narrow(1, group, 1);
            var code = w.div(scale).round_().add_(zero).clamp_(0, state.Search.Scheme.MaxCode);
            var rounded = code.sub(zero).mul_(scale);
            var u = segment.Upper.narrow(0, at, 1).narrow(1, at, end - column);              // (1, rest of the block)
            var error = w.sub(rounded).div_(u.narrow(1, 0, 1));
            state.Codes.narrow(1, column, 1).copy_(code);
            segment.Differences.narrow(1, at, 1).copy_(state.Weight.narrow(1, column, 1).sub(rounded));
            segment.Weights.narrow(1, at, end - column).addmm_(error, u, alpha: -1);
            errors.narrow(1, column - start, 1).copy_(error);
        }

        return errors;
    }

    private static void FindGroup(GptqState state, GptqSegment segment, int column, int group)
    {
        var length = Math.Min(state.GroupLength, state.Columns - column);
        var weights = segment.Weights.narrow(1, column - segment.Start, length);
        var (scales, zeros) = GroupRanges.FindWithTorch(weights, length, state.Search, state.Importance?.narrow(0, column, length));
        state.Scales.narrow(1, group, 1).copy_(scales);
        state.Zeros.narrow(1, group, 1).copy_(zeros);
    }
}
