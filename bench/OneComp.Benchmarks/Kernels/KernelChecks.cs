using System.Globalization;
using OneComp.Benchmarks.Measuring;
using OneComp.Formats.Gptq;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using OneComp.Tests.Quantization.Gptq;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Kernels;

/// <summary>Holds a device's loops, range search and packing against the plain loop in float64 and against the CPU.</summary>
internal static class KernelChecks
{
    private static readonly GptqQuantizer Plain = new() { WBits = 4, GroupSize = 128 };

    private static readonly (string Name, GptqQuantizer Options)[] Large =
    [
        ("4 bits, g128", Plain),
        ("4 bits, g128, act-order, mse", Plain with { ActOrder = true, Mse = true }),
        ("3 bits, g64, asymmetric, mse", Plain with { WBits = 3, GroupSize = 64, Sym = false, Mse = true }),
        ("2 bits, g32, asymmetric, act-order", Plain with { WBits = 2, GroupSize = 32, Sym = false, ActOrder = true }),
        ("4 bits, static groups, act-order, weighted mse", Plain with { StaticGroups = true, ActOrder = true, Mse = true, WeightedMse = true }),
        ("8 bits, per channel", Plain with { WBits = 8, GroupSize = -1 }),
        ("4 bits, g384", Plain with { GroupSize = 384 }),
    ];

    /// <summary>Checks, prints a line for each and writes them as JSON.</summary>
    /// <returns>Whether all passed.</returns>
    public static bool Run(Arguments arguments)
    {
        var device = ComputeDevices.Parse(arguments.Text("--device", "auto"));
        using var noGrad = no_grad();
        Console.WriteLine($"{ResultFile.NameOf(device)}; {CudaKernels.For(device, new ToConsole())?.Description ?? "no kernels"}");
        Console.WriteLine($"{"check",-62} {"differing",10} {"allowed",8}");
        List<KernelCheck> checks = [.. Plainly(device), .. AgainstCpu(device), .. WideLayers.Of(device), .. Ranges(device), .. DescentChecks.Of(device), .. Packing(device), .. CopyChecks.Of(device), .. Grams(device), .. Products(device), .. BlockChecks.Of(device), .. BlockBackChecks.Of(device)];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{checks.Count(check => check.Passed)} passed, {checks.Count(check => !check.Passed)} failed; most codes that differ from the CPU's, of those that may be 0.1 %: {checks.Where(check => check.Allowed <= 0.001 && check.Name.StartsWith("cpu", StringComparison.Ordinal)).Max(check => check.Differing):0.00000}"));
        ResultFile.Write(arguments.Text("--out", Path.Combine("bench", "results", "check-kernels.json")), ResultFile.NameOf(device), checks);
        return checks.All(check => check.Passed);
    }

    /// <summary>The cases of the tests, against float64.</summary>
    private static IEnumerable<KernelCheck> Plainly(Device device)
    {
        foreach (var (name, (rows, columns, dead, options)) in GptqCases.All)
        {
            using var sample = new GptqSample(rows, columns, dead, HessianType.Float64, device);
            using var quantized = sample.Quantize(options, GptqLoops.For(device, null));
            var plain = PlainGptq.Run(sample.Weight, sample.Hessian, options);
            yield return KernelCheck.Of($"plain: {name}: codes", Share(plain.Codes.Cast<byte>().Select(code => (double)code), quantized.Codes), 0.005);
            yield return KernelCheck.Of($"plain: {name}: scales", Share(plain.Scales.Cast<double>(), quantized.Scales), 0.02);
            yield return KernelCheck.Of($"plain: {name}: zeros", Share(plain.Zeros.Cast<double>(), quantized.Zeros), 0.02);
        }
    }

    /// <summary>Layers of a size that matters, against the CPU loop in float32.</summary>
    private static IEnumerable<KernelCheck> AgainstCpu(Device device)
    {
        foreach (var (name, options) in Large)
        {
            using var here = new GptqSample(256, 1024, 3, HessianType.Float32, device);
            using var there = new GptqSample(256, 1024, 3);
            using var ours = here.Quantize(options, GptqLoops.For(device, null));
            using var theirs = there.Quantize(options, new GptqCpuLoop());
            yield return KernelCheck.Of($"cpu: {name}: codes", Share(Doubles(theirs.Codes), ours.Codes), 0.001);
            using var scope = NewDisposeScope();
            var weight = there.Problem.Weight;
            double Error(GroupedWeight quantized) => quantized.Dequantize().cpu().sub(weight).square().sum().to(ScalarType.Float64).item<double>();
            yield return KernelCheck.Of($"error: {name}: squared weight error", Math.Abs((Error(ours) / Error(theirs)) - 1), 0.001);
        }
    }

    private static IEnumerable<KernelCheck> Ranges(Device device)
    {
        manual_seed(2);
        using var weight = randn(64, 1000).mul_(0.1);
        using var importance = rand(1000).add_(0.1);
        foreach (var bits in (int[])[2, 3, 4, 8])
        {
            foreach (var (symmetric, mse, norm, group, weighted) in ((bool, bool, double, int, bool)[])
                [(true, false, 2.4, 128, false), (false, false, 2.4, 32, false), (true, true, 2.4, 128, false), (false, true, 2.4, 32, true), (true, true, 2, 1000, false), (false, true, 2.4, 300, true)])
            {
                using var scope = NewDisposeScope();
                var search = new RangeSearch(new GroupScheme(bits, group, symmetric), mse, 600, norm);
                var (scales, zeros) = GroupRanges.Find(weight.to(device), group, search, weighted ? importance.to(device) : null);
                var (cpuScales, cpuZeros) = GroupRanges.Find(weight, group, search, weighted ? importance : null);
                var name = string.Create(CultureInfo.InvariantCulture, $"range: {bits} bits, g{group}{(symmetric ? "" : ", asymmetric")}{(mse ? $", mse {norm}" : "")}{(weighted ? ", weighted" : "")}");
                yield return mse
                    ? KernelCheck.Of($"{name}: error over the least", RangeErrors.Excess(weight, importance, search, weighted, (scales.cpu(), zeros.cpu()), (cpuScales, cpuZeros)), 1e-5)
                    : KernelCheck.Of(name, Math.Max(Share(Doubles(cpuScales), scales), Share(Doubles(cpuZeros), zeros)), 0);
            }
        }
    }

    private static IEnumerable<KernelCheck> Packing(Device device)
    {
        if (CudaKernels.For(device, null) is not { } kernels)
        {
            yield break;
        }

        foreach (var bits in Enumerable.Range(2, 7))
        {
            foreach (var (rows, columns) in ((int, int)[])[(37, 100), (1, 1), (256, 2048)])
            {
                using var scope = NewDisposeScope();
                var scheme = new GroupScheme(bits, 32, true);
                var codes = randint(1L << bits, [rows, columns], dtype: ScalarType.Byte);
                var zeros = randint(1, 1L << bits, [rows, scheme.GroupCount(columns)], dtype: ScalarType.Byte);
                var weight = new GroupedWeight(GptqSample.Linear(rows, columns), scheme, codes, zeros, zeros, new int[columns]);
                var packed = CudaBitPacking.PackCodes(kernels, codes.to(device), bits);
                var packedZeros = CudaBitPacking.PackZeros(kernels, zeros.to(device), bits);
                yield return KernelCheck.Of($"pack: {bits} bits, {rows} x {columns}", Share(GptqLayerWriter.PackCodes(weight).Select(word => (double)word), packed), 0);
                yield return KernelCheck.Of($"pack: {bits} bits, {rows} x {columns}, zeros", Share(GptqLayerWriter.PackZeros(weight).Select(word => (double)word), packedZeros), 0);
            }
        }
    }

    /// <summary>Sums of products of half-precision inputs, relative to the diagonal, against float64.</summary>
    private static IEnumerable<KernelCheck> Grams(Device device)
    {
        foreach (var type in (ScalarType[])[ScalarType.BFloat16, ScalarType.Float16, ScalarType.Float32])
        {
            foreach (var columns in (int[])[100, 256, 2304, 4100])
            {
                manual_seed(3);
                using var scope = NewDisposeScope();
                var input = randn(1024, columns).to(type);
                using var hessian = new LayerHessian(columns, device, HessianType.Float32);
                hessian.Add(input.to(device));
                var wide = input.to(device).to(ScalarType.Float64);
                var expected = wide.t().matmul(wide).mul_(2.0 / 1024);
                var difference = hessian.Matrix().to(ScalarType.Float64).sub_(expected).abs_().max().div_(expected.diagonal().mean());
                yield return KernelCheck.Of(string.Create(CultureInfo.InvariantCulture, $"gram: {type} inputs, {columns} columns"), difference.item<double>(), 1e-5);
            }
        }
    }

    /// <summary>Float32 products by short factors, relative to the largest sum, against float64.</summary>
    private static IEnumerable<KernelCheck> Products(Device device)
    {
        manual_seed(5);
        using var scope = NewDisposeScope();
        var (left, right) = (randn(8192, 128, device: device), randn(300, 700, device: device).narrow(0, 100, 128).narrow(1, 50, 600));
        var expected = left.to(ScalarType.Float64).matmul(right.to(ScalarType.Float64));
        double Off(Tensor product) => product.to(ScalarType.Float64).sub(expected).abs().max().div(expected.abs().max()).item<double>();
        yield return KernelCheck.Of("product: short factors", Off(ShortProduct.Of(left, right)), 1e-3);
    }

    /// <summary>Share of values that differ.</summary>
    private static double Share(IEnumerable<double> expected, Tensor actual)
    {
        var (wanted, got) = (expected.ToArray(), Doubles(actual));
        return wanted.Length == got.Length ? wanted.Zip(got).Count(pair => pair.First != pair.Second) / (double)wanted.Length : 1;
    }

    private static double[] Doubles(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }
}
