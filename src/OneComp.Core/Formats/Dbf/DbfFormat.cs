using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Runtime.Cuda;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats.Dbf;

/// <summary>dbf: the signs of two matrices and three vectors of scales.</summary>
internal sealed class DbfFormat : LayerFormat
{
    public static DbfFormat Instance { get; } = new();

    public override string Method => "dbf";

    public override IReadOnlyList<TensorSpec> Specs(LinearLayer layer, LayerScheme scheme) => DbfNames.Specs(layer, (DbfScheme)scheme);

    public override void Write(QuantizedWeight weight, Func<string, SafetensorsWriter> fileOf)
    {
        using var scope = NewDisposeScope();
        var factors = (DbfWeight)weight;
        var layer = weight.Layer.Name;
        Write(DbfNames.Columns(layer), factors.Scales.Columns.to(ScalarType.Float16));
        Write(DbfNames.Inner(layer), SignPacking.Pack(factors.Inner));
        Write(DbfNames.Middle(layer), factors.Scales.Middle.to(ScalarType.Float16));
        Write(DbfNames.Outer(layer), SignPacking.Pack(factors.Outer));
        Write(DbfNames.Rows(layer), factors.Scales.Rows.to(ScalarType.Float16));

        void Write(string name, Tensor data) => fileOf(name).Write(name, data.contiguous().ToMain().bytes);
    }

    public override JsonObject Describe(LayerScheme scheme) => new() { ["bits"] = scheme.Bits };

    /// <summary>What quantization_config says of the method beside what it says of every method.</summary>
    public static void Describe(DbfQuantizer quantizer, JsonObject config)
    {
        config["iters"] = quantizer.Iters;
        config["reg"] = quantizer.Reg;
        config["use_balancing"] = quantizer.UseBalancing;
        config["use_curvature"] = quantizer.UseCurvature;
        config["hessian_iters"] = quantizer.HessianIters;
        config["hessian_shrinkage"] = quantizer.HessianShrinkage;
        config["refine_iters"] = quantizer.RefineIters;
        config["balance_iters"] = quantizer.BalanceIters;
        config["balance_alpha"] = quantizer.BalanceAlpha;
        config["balance_mode"] = quantizer.BalanceMode == BalanceMode.L1 ? "l1" : "l2";
        config["use_adaptive_rho"] = quantizer.UseAdaptiveRho;
    }
}
