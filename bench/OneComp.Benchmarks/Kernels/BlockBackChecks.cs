using System.Globalization;
using OneComp.Models;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Kernels;

/// <summary>Holds the kernels of the way back against recorded gradients in float64, and a whole block's way back against the CPU's.</summary>
internal static class BlockBackChecks
{
    private const double Epsilon = 1e-5;
    private const string Model = "examples/models/tiny-llama";

    public static IEnumerable<KernelCheck> Of(Device device)
    {
        foreach (var type in (ScalarType[])[ScalarType.BFloat16, ScalarType.Float16])
        {
            foreach (var columns in (int[])[32, 4096, 5000])
            {
                using var scope = NewDisposeScope();
                var (input, gradient, beside) = (BlockChecks.Draw(type, device, 7, 5, columns), BlockChecks.Draw(type, device, 7, 5, columns), BlockChecks.Draw(type, device, 7, 5, columns));
                var weight = rand(columns, device: device).add_(0.5);
                if (BlockKernels.For(input, columns) is not { } kernels)
                {
                    yield break;
                }

                var recorded = OperationGradient.Of([input.to(ScalarType.Float64)], x => x[0] * (x[0].square().mean([-1], keepdim: true) + Epsilon).rsqrt() * weight, gradient.to(ScalarType.Float64))[0];
                yield return BlockChecks.Check($"norm back: {type}, {columns}", recorded + beside, BlockBackKernels.Norm(kernels, input, weight, Epsilon, gradient, beside));
                var squares = BlockBackKernels.SquareSums(kernels, input).to(ScalarType.Float64);
                var expected = input.to(ScalarType.Float64).square().sum([0, 1]);
                yield return KernelCheck.Of($"square sums: {type}, {columns}", squares.sub_(expected).abs_().max().div_(expected.max()).item<double>(), 1e-6);
            }

            foreach (var function in Enum.GetValues<ActivationFunction>())
            {
                using var scope = NewDisposeScope();
                var (gate, up, gradient) = (BlockChecks.Draw(type, device, 9, 1000), BlockChecks.Draw(type, device, 9, 1000), BlockChecks.Draw(type, device, 9, 1000));
                var recorded = OperationGradient.Of([gate.to(ScalarType.Float64), up.to(ScalarType.Float64)], x => Activations.Apply(function, x[0]) * x[1], gradient.to(ScalarType.Float64));
                var (ofGate, ofUp) = BlockBackKernels.Gate(BlockKernels.For(gate, 1000)!, (int)function, gate, up, gradient);
                yield return BlockChecks.Check($"gate back: {type}, {function}, gate", recorded[0], ofGate);
                yield return BlockChecks.Check($"gate back: {type}, {function}, up", Activations.Apply(function, gate.to(ScalarType.Float64)).to(type).to(ScalarType.Float64) * gradient, ofUp);
            }

            using (NewDisposeScope())
            {
                var (input, angles) = (BlockChecks.Draw(type, device, 2, 11, 3, 64), rand(11, 32, device: device).mul_(6));
                var kernels = BlockKernels.For(input, 32)!;
                var there = BlockKernels.Turn(kernels, input, angles.cos(), angles.sin()).transpose(1, 2).contiguous();
                var share = BlockKernels.TurnBack(kernels, there, angles.cos(), angles.sin()).to(ScalarType.Float64).sub_(input).abs_().max().item<double>();
                yield return KernelCheck.Of($"rotary there and back: {type}, largest difference", share, type == ScalarType.BFloat16 ? 0.1 : 0.02);
            }
        }

        foreach (var check in Block(device))
        {
            yield return check;
        }
    }

    private static IEnumerable<KernelCheck> Block(Device device)
    {
        using var scope = NewDisposeScope();
        using var model = CausalModel.Open(Model);
        manual_seed(6);
        var (hidden, gradient) = (randn(2, 64, model.Config.HiddenSize).to(ScalarType.BFloat16), randn(2, 64, model.Config.HiddenSize).to(ScalarType.BFloat16));
        using var here = model.LoadBlock(0, device, ScalarType.BFloat16);
        using var there = model.LoadBlock(0, CPU, ScalarType.Float32);
        var (ours, layers) = here.Back(hidden.to(device), gradient.to(device));
        var (theirs, expected) = there.Back(hidden.to(ScalarType.Float32), gradient.to(ScalarType.Float32));
        yield return KernelCheck.Of("block back: input", Difference(ours, theirs), 0.02);
        foreach (var ((layer, _, found), wanted) in layers.Zip(expected))
        {
            yield return KernelCheck.Of(string.Create(CultureInfo.InvariantCulture, $"block back: {layer.Module}"), Difference(found, wanted.Gradient), 0.02);
        }
    }

    /// <summary>Of norms, relative.</summary>
    private static double Difference(Tensor ours, Tensor theirs)
    {
        using var scope = NewDisposeScope();
        return ours.cpu().to(ScalarType.Float64).sub_(theirs).norm().div_(theirs.norm()).item<double>();
    }
}
