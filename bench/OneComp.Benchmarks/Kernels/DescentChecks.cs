using System.Globalization;
using OneComp.Quantization.Gptq;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Kernels;

/// <summary>Holds a sweep over codes on a device against the same on the CPU: codes that differ, and the error that is left.</summary>
internal static class DescentChecks
{
    public static IEnumerable<KernelCheck> Of(Device device)
    {
        foreach (var (rows, columns, bits, group) in ((int, int, int, int)[])[(256, 1024, 4, 128), (37, 300, 2, 64), (1, 96, 3, 32), (300, 130, 3, 130), (5, 33, 8, 33), (640, 256, 3, 128)])
        {
            using var scope = NewDisposeScope();
            using var sample = new GptqSample(rows, columns);
            using var quantized = sample.Quantize(new GptqQuantizer { WBits = bits, GroupSize = group, Sym = false });
            var hessian = sample.Problem.Hessian!.Matrix().to(ScalarType.Float32);
            hessian.diagonal().add_(hessian.diagonal().mean() * 0.01);
            var groups = arange(columns, dtype: ScalarType.Int64).div(group, RoundingMode.floor);
            var scales = quantized.Scales.to(ScalarType.Float32).index_select(1, groups).contiguous();
            var zeros = quantized.Zeros.to(ScalarType.Float32).index_select(1, groups).contiguous();
            var codes = quantized.Codes.to(ScalarType.Float32);
            var (expected, found) = (codes.clone(), codes.to(device, copy: true));
            CodeDescent.Sweep(Slopes(codes), hessian, expected, scales, zeros, (1 << bits) - 1);
            CodeDescent.Sweep(Slopes(codes).to(device), hessian.to(device), found, scales.to(device), zeros.to(device), (1 << bits) - 1);
            var name = string.Create(CultureInfo.InvariantCulture, $"descent: {bits} bits, {rows} x {columns}");
            yield return KernelCheck.Of($"{name}: codes", found.cpu().ne(expected).to(ScalarType.Float64).mean().item<double>(), 0.002);
            yield return KernelCheck.Of($"{name}: error left", Math.Abs((Error(found.cpu()) / Error(expected)) - 1), 0.001);
            yield return KernelCheck.Of($"{name}: changed nothing", expected.ne(codes).any().item<bool>() ? 0 : 1, 0);

            Tensor Difference(Tensor now) => sample.Problem.Weight - ((now - zeros) * scales);

            Tensor Slopes(Tensor now) => Difference(now).matmul(hessian).contiguous();

            double Error(Tensor now) => Difference(now).matmul(hessian).mul(Difference(now)).sum(ScalarType.Float64).item<double>();
        }
    }
}
