using OneComp.Models;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// Steps of a block that are looked at: what is not finite although what it came from was is computed once more in float32 where the
/// block is in a half type. One wait for the device a step.
/// </summary>
internal static class FiniteSteps
{
    /// <summary>To the next stage. Without a guard nothing is looked at.</summary>
    /// <returns>The state, which the caller owns, and the rows of it that are not finite.</returns>
    public static (StageState State, int[] Missing) Advance(DecoderBlock block, StageState state, NumericGuard? guard) =>
        Take(block, guard, state.Input, () => block.Advance(state), next => next.Input);

    /// <summary>Out of the block.</summary>
    /// <returns>(windows, tokens, hidden), which the caller owns, and the rows of it that are not finite.</returns>
    public static (Tensor Output, int[] Missing) Exit(DecoderBlock block, StageState state, NumericGuard? guard) =>
        Take(block, guard, state.Input, () => block.Exit(state), output => output);

    /// <summary>Through the whole block.</summary>
    /// <returns>(windows, tokens, hidden), which the caller owns, and the rows of it that are not finite.</returns>
    public static (Tensor Output, int[] Missing) Forward(DecoderBlock block, Tensor hidden, NumericGuard? guard) =>
        Take(block, guard, hidden, () => block.Forward(hidden), output => output);

    private static (T Result, int[] Missing) Take<T>(DecoderBlock block, NumericGuard? guard, Tensor input, Func<T> step, Func<T, Tensor> values)
        where T : IDisposable
    {
        var result = step();
        if (guard is null)
        {
            return (result, []);
        }

        var missing = FiniteRows.Missing(values(result));
        if (missing.Length > 0 && ComputeType.IsHalf(block.Type) && missing.Except(FiniteRows.Missing(input)).Any())
        {
            guard.Widen(block);
            result.Dispose();
            result = step();
            missing = FiniteRows.Missing(values(result));
        }

        return (result, guard.LeavesOut ? missing : []);
    }
}
