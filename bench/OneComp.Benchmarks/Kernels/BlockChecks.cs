using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Kernels;

/// <summary>Holds the kernels between a block's products against float64: the share of values that are off by more than a rounding.</summary>
internal static class BlockChecks
{
    private const double Epsilon = 1e-5;

    public static IEnumerable<KernelCheck> Of(Device device)
    {
        foreach (var type in (ScalarType[])[ScalarType.BFloat16, ScalarType.Float16])
        {
            foreach (var columns in (int[])[32, 128, 4096, 5000])
            {
                using var scope = NewDisposeScope();
                var (input, weight) = (Draw(type, device, 7, 5, columns), rand(columns, device: device).add_(0.5));
                if (BlockKernels.For(input, columns) is not { } kernels)
                {
                    yield break;
                }

                var wide = input.to(ScalarType.Float64);
                var expected = wide * (wide.square().mean([-1], keepdim: true) + Epsilon).rsqrt() * weight;
                yield return Check($"norm: {type}, {columns}", expected, BlockKernels.Norm(kernels, input, weight, Epsilon, type));
            }

            foreach (var (heads, half) in ((int, int)[])[(3, 16), (8, 64)])
            {
                using var scope = NewDisposeScope();
                var (input, angles) = (Draw(type, device, 2, 11, heads, 2 * half), rand(11, half, device: device).mul_(6));
                var halves = input.to(ScalarType.Float64).transpose(1, 2).chunk(2, -1);
                var (cosines, sines) = (angles.cos(), angles.sin());
                var expected = cat([(halves[0] * cosines) - (halves[1] * sines), (halves[1] * cosines) + (halves[0] * sines)], -1);
                yield return Check($"rotary: {type}, {heads} x {2 * half}", expected, BlockKernels.Turn(BlockKernels.For(input, half)!, input, cosines, sines));
            }

            foreach (var (function, name) in ((int, string)[])[(0, "silu"), (1, "gelu"), (2, "gelu by tanh")])
            {
                using var scope = NewDisposeScope();
                var (gate, up) = (Draw(type, device, 9, 1000), Draw(type, device, 9, 1000));
                var wide = gate.to(ScalarType.Float64);
                var activated = function switch
                {
                    0 => nn.functional.silu(wide),
                    1 => nn.functional.gelu(wide, TorchSharp.Modules.GELU.Approximate.none),
                    _ => nn.functional.gelu(wide, TorchSharp.Modules.GELU.Approximate.tanh),
                };
                yield return Check($"gate: {type}, {name}", activated.to(type).to(ScalarType.Float64) * up, BlockKernels.Gate(BlockKernels.For(gate, 1000)!, function, gate, up));
            }
        }
    }

    internal static Tensor Draw(ScalarType type, Device device, params long[] shape) => randn(shape, device: device).mul_(2).to(type);

    internal static KernelCheck Check(string name, Tensor expected, Tensor actual)
    {
        var step = actual.dtype == ScalarType.BFloat16 ? 1.0 / 64 : 1.0 / 512; // two units in the last place, at most
        var off = (actual.to(ScalarType.Float64) - expected).abs().gt((expected.abs() * step) + 1e-6);
        return KernelCheck.Of(name, off.to(ScalarType.Float64).mean().item<double>(), 0);
    }
}
