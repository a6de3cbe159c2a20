using System.Diagnostics;
using System.Globalization;
using OneComp.Benchmarks.Measuring;
using OneComp.Formats.Gptq;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Layers;

/// <summary>Times GPTQ of single layers, and the column-by-column tensor loop on the same device in the same run.</summary>
internal static class LayerBenchmark
{
    private static readonly (int Rows, int Columns)[] Shapes = [(4096, 4096), (14336, 4096), (4096, 14336)];
    private const double WarmSeconds = 3;
    private static readonly GptqQuantizer Plain = new() { WBits = 4, GroupSize = 128 };
    private static readonly GptqQuantizer ActMse = Plain with { ActOrder = true, Mse = true };

    /// <summary>Measures, prints a table and writes it as JSON.</summary>
    public static void Run(Arguments arguments)
    {
        var device = ComputeDevices.Parse(arguments.Text("--device", "auto"));
        var divisor = arguments.Whole("--divide", 1);
        using var noGrad = no_grad();
        Console.WriteLine($"{ResultFile.NameOf(device)}; {CudaKernels.For(device, null)?.Description ?? "no kernels"}");
        Console.WriteLine("4 bits, group size 128; milliseconds");
        Console.WriteLine($"{"layer",-14} {"factor",8} {"float64",8} {"shared",8} {"gptq",8} {"act+mse",8} {"static",8} {"preset",8} {"loop",9} {"loop act",9} {"ratio",6} {"ratio act",9} {"equal codes",11} {"weight err",10} {"pack",7}");
        if (arguments.Text("--profile", "") is { Length: > 0 } shape)
        {
            Profile(device, shape.Split('x').Select(int.Parse).ToArray());
            return;
        }

        Warm(device);
        var rows = new List<LayerRow>();
        foreach (var (outputs, inputs) in Shapes)
        {
            rows.Add(Measure(device, outputs / divisor, inputs / divisor, arguments.Whole("--runs", 5)));
            Print(rows[^1]);
        }

        ResultFile.Write(arguments.Text("--out", Path.Combine("bench", "results", "layers.json")), ResultFile.NameOf(device), rows);
    }

    private static LayerRow Measure(Device device, int rows, int columns, int runs)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var weight = randn(rows, columns, device: device).mul_(0.02);
        using var gathered = LayerInputs.Hessian(columns, 2 * columns, device);
        var layer = Layer(rows, columns);

        LayerHessian Fresh() => gathered.Copy();

        LayerHessian Factorised()
        {
            var hessian = Fresh();
            _ = hessian.Factor(Plain.PercDamp, Plain.ActOrder, layer.Name, null).Inverse(0, Plain.BlockSize);
            return hessian;
        }

        GroupedWeight Quantize(LayerHessian hessian, GptqQuantizer options, IGptqBlockLoop loop) =>
            GptqSolver.Quantize(new LayerProblem(layer, weight, hessian, null), options, loop, default).Quantized;

        double Time(GptqQuantizer options, IGptqBlockLoop loop, int count) =>
            DeviceClock.Median(device, count, Fresh, hessian => Quantize(hessian, options, loop).Dispose());

        var fast = GptqLoops.For(device, null);
        var (plain, actMse) = (Time(Plain, fast, runs), Time(ActMse, fast, runs));
        var (loop, loopActMse) = (Time(Plain, new GptqTorchLoop(), 1), Time(ActMse, new GptqTorchLoop(), 1));
        using var shared = Factorised();
        using var ours = Quantize(shared, Plain, fast);
        using var theirs = Quantize(shared, Plain, new GptqTorchLoop());
        double SquaredError(GroupedWeight quantized) => quantized.Dequantize().sub_(weight).square().sum(ScalarType.Float64).item<double>();
        return new LayerRow(
            rows,
            columns,
            DeviceClock.Median(device, runs, Fresh, hessian => hessian.Factor(Plain.PercDamp, false, layer.Name, null).Inverse(0, Plain.BlockSize).Dispose()),
            DeviceClock.Median(device, runs, () => gathered.Copy(type: HessianType.Float64), hessian => hessian.Factor(Plain.PercDamp, false, layer.Name, null).Inverse(0, Plain.BlockSize).Dispose()),
            DeviceClock.Median(device, runs, Factorised, hessian => Quantize(hessian, Plain, fast).Dispose()),
            plain,
            actMse,
            Time(ActMse with { StaticGroups = true }, fast, runs),
            Time(GptqPresets.Of(QuantizationPreset.Default), fast, runs),
            loop,
            loopActMse,
            loop / plain,
            loopActMse / actMse,
            ours.Codes.eq(theirs.Codes).to(ScalarType.Float32).mean().item<float>(),
            (SquaredError(ours) / SquaredError(theirs)) - 1,
            DeviceClock.Median(device, runs, () => empty(1), _ => Pack(ours)));
    }

    private static void Pack(GroupedWeight weight)
    {
        if (CudaKernels.For(weight.Codes.device, null) is { } kernels)
        {
            CudaBitPacking.PackCodes(kernels, weight.Codes, weight.Scheme.CodeBits).cpu();
        }
        else
        {
            GptqLayerWriter.PackCodes(weight);
        }
    }

    /// <summary>Loads libraries and kernels, and has the runtime compile this program's own code once and for all.</summary>
    private static void Warm(Device device)
    {
        Measure(device, 64, 512, 1);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < WarmSeconds)
        {
            Quantize(device, 256, 1024);
        }
    }

    /// <summary>Quantizes one layer of a shape three times, for a profiler to look at.</summary>
    private static void Profile(Device device, int[] shape)
    {
        for (var run = 0; run < 3; run++)
        {
            Quantize(device, shape[0], shape[1]);
        }

        DeviceClock.Wait(device);
    }

    private static void Quantize(Device device, int rows, int columns)
    {
        using var scope = NewDisposeScope();
        using var hessian = LayerInputs.Hessian(columns, 2 * columns, device);
        var layer = Layer(rows, columns);
        GptqSolver.Quantize(new LayerProblem(layer, randn(rows, columns, device: device), hessian, null), Plain, default).Dispose();
    }

    private static LinearLayer Layer(int rows, int columns) =>
        new("model.layers.0.self_attn.q_proj", 0, "self_attn.q_proj", BlockStage.AttentionInput, columns, rows, false);

    private static void Print(LayerRow row) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{$"{row.Rows} x {row.Columns}",-14} {row.Factor,8:0.00} {row.FactorInFloat64,8:0.00} {row.Shared,8:0.00} {row.Gptq,8:0.00} {row.ActMse,8:0.00} {row.StaticMse,8:0.00} {row.Preset,8:0.00} {row.Loop,9:0.0} {row.LoopActMse,9:0.0} {row.Ratio,6:0.0} {row.RatioActMse,9:0.0} {row.EqualCodes,11:0.00000} {row.WeightError,10:0.0e+00} {row.Pack,7:0.00}"));
}
