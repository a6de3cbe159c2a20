using System.Numerics;
using System.Runtime.InteropServices;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>The block loop on the CPU: rows are independent and go in parallel, columns of a row in SIMD.</summary>
internal sealed unsafe class GptqCpuLoop : IGptqBlockLoop
{
    public Tensor Run(GptqState state, int start, int end)
    {
        var errors = empty(state.Rows, end - start, dtype: ScalarType.Float32);
        var block = new Block(state, TensorMemory.Pointer<float>(errors), start, end);
        Parallel.For(0, state.Rows, block.RunRow);
        return errors;
    }

    private sealed class Block(GptqState state, float* errors, int start, int end)
    {
        private readonly int _columns = state.Columns;
        private readonly int _groupLength = state.GroupLength;
        private readonly int _groups = (int)state.Scales.shape[1];
        private readonly int[] _groupOf = state.Groups;
        private readonly bool _rangesAreGiven = state.RangesAreGiven;
        private readonly RangeSearch _search = state.Search;
        private readonly float* _importance = state.Importance is null ? null : TensorMemory.Pointer<float>(state.Importance);
        private readonly float* _weight = TensorMemory.Pointer<float>(state.Weight);
        private readonly float* _upper = TensorMemory.Pointer<float>(state.Upper);
        private readonly float* _scales = TensorMemory.Pointer<float>(state.Scales);
        private readonly float* _zeros = TensorMemory.Pointer<float>(state.Zeros);
        private readonly byte* _codes = TensorMemory.Pointer<byte>(state.Codes);

        public void RunRow(int row)
        {
            var weights = new Span<float>(_weight + ((long)row * _columns), _columns);
            var codes = new Span<byte>(_codes + ((long)row * _columns), _columns);
            var rowErrors = new Span<float>(errors + ((long)row * (end - start)), end - start);
            var scales = new Span<float>(_scales + ((long)row * _groups), _groups);
            var zeros = new Span<float>(_zeros + ((long)row * _groups), _groups);
            float maxCode = _search.Scheme.MaxCode;
            for (var column = start; column < end; column++)
            {
                var group = _groupOf[column];
                if (!_rangesAreGiven && column % _groupLength == 0)
                {
                    var length = Math.Min(_groupLength, _columns - column);
                    var importance = _importance is null ? default : new ReadOnlySpan<float>(_importance + column, length);
                    (scales[group], zeros[group]) = GroupRange.Find(weights.Slice(column, length), _search, importance);
                }

                var (w, scale, zero) = (weights[column], scales[group], zeros[group]);
                var code = Math.Clamp(MathF.Round(w / scale) + zero, 0, maxCode);
                var u = new ReadOnlySpan<float>(_upper + ((long)column * _columns) + column, end - column);
                var error = (w - ((code - zero) * scale)) / u[0];
                codes[column] = (byte)code;
                rowErrors[column - start] = error;
                Subtract(weights[column..end], u, error);
            }
        }

        /// <summary>weights -= error · u.</summary>
        private static void Subtract(Span<float> weights, ReadOnlySpan<float> u, float error)
        {
            var w = MemoryMarshal.Cast<float, Vector<float>>(weights);
            var v = MemoryMarshal.Cast<float, Vector<float>>(u);
            var factor = new Vector<float>(error);
            for (var i = 0; i < w.Length; i++)
            {
                w[i] -= factor * v[i];
            }

            for (var i = w.Length * Vector<float>.Count; i < weights.Length; i++)
            {
                weights[i] -= error * u[i];
            }
        }
    }
}
