using OneComp.Models;
using OneComp.Quantization.Dbf;
using OneComp.Safetensors;

namespace OneComp.Formats.Dbf;

/// <summary>Names and shapes of the tensors that stand for a factorized weight: diag(s4)·A·diag(s2)·B·diag(s0).</summary>
internal static class DbfNames
{
    /// <summary>s0: F16 [d_in].</summary>
    public static string Columns(string layer) => layer + ".scaling0";

    /// <summary>Signs of B, (k, d_in): U8 [⌈k·d_in/8⌉].</summary>
    public static string Inner(string layer) => layer + ".bp1";

    /// <summary>s2: F16 [k].</summary>
    public static string Middle(string layer) => layer + ".scaling2";

    /// <summary>Signs of A, (d_out, k): U8 [⌈d_out·k/8⌉].</summary>
    public static string Outer(string layer) => layer + ".bp3";

    /// <summary>s4: F16 [d_out].</summary>
    public static string Rows(string layer) => layer + ".scaling4";

    /// <summary>The five tensors of a layer.</summary>
    public static IReadOnlyList<TensorSpec> Specs(LinearLayer layer, DbfScheme scheme)
    {
        long inner = scheme.InnerFeatures(layer);
        return
        [
            new TensorSpec(Columns(layer.Name), DType.F16, [layer.InFeatures]),
            new TensorSpec(Inner(layer.Name), DType.U8, [SignPacking.ByteCount(inner * layer.InFeatures)]),
            new TensorSpec(Middle(layer.Name), DType.F16, [inner]),
            new TensorSpec(Outer(layer.Name), DType.U8, [SignPacking.ByteCount(inner * layer.OutFeatures)]),
            new TensorSpec(Rows(layer.Name), DType.F16, [layer.OutFeatures]),
        ];
    }
}
