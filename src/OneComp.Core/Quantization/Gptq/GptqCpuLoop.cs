using System.Runtime.CompilerServices;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>The block loop on the CPU: rows are independent and go in parallel, columns of a row in SIMD.</summary>
internal sealed unsafe class GptqCpuLoop : IGptqBlockLoop
{
    public Tensor Run(GptqState state, GptqSegment segment, int start, int end)
    {
        var errors = empty(state.Rows, end - start, dtype: ScalarType.Float32);
        var block = new Block(state, segment, TensorMemory.Pointer<float>(errors), start, end);
        Parallel.For(0, state.Rows, block.RunRow);
        return errors;
    }

    private sealed class Block(GptqState state, GptqSegment segment, float* errors, int start, int end)
    {
        private readonly int _columns = state.Columns;
        private readonly int _groups = (int)state.Scales.shape[1];
        private readonly int _length = segment.Length;
        private readonly float* _importance = state.Importance is null ? null : TensorMemory.Pointer<float>(state.Importance);
        private readonly float* _original = TensorMemory.Pointer<float>(state.Weight);
        private readonly float* _weights = TensorMemory.Pointer<float>(segment.Weights);
        private readonly float* _upper = TensorMemory.Pointer<float>(segment.Upper);
        private readonly float* _differences = TensorMemory.Pointer<float>(segment.Differences);
        private readonly float* _scales = TensorMemory.Pointer<float>(state.Scales);
        private readonly float* _zeros = TensorMemory.Pointer<float>(state.Zeros);
        private readonly byte* _codes = TensorMemory.Pointer<byte>(state.Codes);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void RunRow(int row)
        {
            var original = new ReadOnlySpan<float>(_original + ((long)row * _columns), _columns);
            var codes = new Span<byte>(_codes + ((long)row * _columns), _columns);
            var weights = new Span<float>(_weights + ((long)row * _length), _length);
            var differences = new Span<float>(_differences + ((long)row * _length), _length);
            var rowErrors = new Span<float>(errors + ((long)row * (end - start)), end - start);
            var scales = new Span<float>(_scales + ((long)row * _groups), _groups);
            var zeros = new Span<float>(_zeros + ((long)row * _groups), _groups);
            float maxCode = state.Search.Scheme.MaxCode;
            for (var column = start; column < end; column++)
            {
                var at = column - segment.Start;
                var group = state.Groups[column];
                if (!state.RangesAreGiven && column % state.GroupLength == 0)
                {
                    var length = Math.Min(state.GroupLength, _columns - column);
                    var importance = _importance is null ? default : new ReadOnlySpan<float>(_importance + column, length);
                    (scales[group], zeros[group]) = GroupRange.Find(weights.Slice(at, length), state.Search, importance);
                }

                var (w, scale, zero) = (weights[at], scales[group], zeros[group]);
                var code = Math.Clamp(MathF.Round(w / scale) + zero, 0, maxCode);
                var rounded = (code - zero) * scale;
                var u = new ReadOnlySpan<float>(_upper + ((long)at * _length) + at, end - column);
                var error = (w - rounded) / u[0];
                codes[column] = (byte)code;
                differences[at] = original[column] - rounded;
                rowErrors[column - start] = error;
                RowSubtraction.Subtract(weights.Slice(at, end - column), u, error);
            }
        }
    }
}
