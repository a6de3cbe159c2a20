using OneComp.Quantization;

namespace OneComp.Tests.Reports;

/// <summary>A plan of Llama-like layers whose every number differs from its neighbours'.</summary>
internal static class SamplePlan
{
    public static readonly string[] Modules =
        ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"];

    private static readonly double[] Widths = [2, 3, 4, 8];

    public static AssignmentSummary Summary { get; } = new()
    {
        Model = "/models/tiny-llama",
        Strategy = "ilp",
        TargetBit = 3,
        EffectiveTargetBit = 3.15,
        EffectiveBits = 3.1,
        TotalError = 12.5,
        CheckpointBytes = 5_000_000,
        Settings = [new("CalibrationPath", "calibration.txt"), new("Seed", "0007"), new("Formula", "=1+1")],
    };

    /// <summary>Rows of a plan; width (block + module) mod 4 of 2, 3, 4, 8.</summary>
    public static List<LayerAssignment> Rows(int blocks, AssignmentSummary? plan = null) =>
    [
        .. from block in Enumerable.Range(0, blocks)
           from module in Enumerable.Range(0, Modules.Length)
           select Row(block, Modules[module], Widths[(block + module) % 4], 256 + module, 128 + block, plan),
    ];

    public static LayerAssignment Row(int block, string module, double bits, int inFeatures = 256, int outFeatures = 128, AssignmentSummary? plan = null) => new()
    {
        Layer = block < 0 ? module : $"model.layers.{block}.{module}",
        Block = block,
        Module = module,
        InFeatures = inFeatures,
        OutFeatures = outFeatures,
        Quantizer = bits == 16 ? "" : $"GPTQ_{bits}bit_gs128",
        Bits = bits,
        EffectiveBits = bits == 16 ? 16 : bits + (16 + bits) / 128,
        GroupSize = 128,
        Error = bits == 16 ? double.NaN : 1.0 / 3 / bits + block,
        Plan = plan,
    };
}
