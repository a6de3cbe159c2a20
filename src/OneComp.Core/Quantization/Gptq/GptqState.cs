using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>What the block loop reads and writes. The tensors live in the dispose scope that is open when it is made.</summary>
internal sealed class GptqState
{
    public GptqState(Tensor weight, Tensor upper, RangeSearch search)
    {
        Weight = weight;
        Upper = upper;
        Search = search;
        GroupLength = search.Scheme.GroupLength(Columns);
        var groups = search.Scheme.GroupCount(Columns);
        Codes = zeros(Rows, Columns, dtype: ScalarType.Byte, device: weight.device);
        Scales = zeros(Rows, groups, dtype: ScalarType.Float32, device: weight.device);
        Zeros = zeros(Rows, groups, dtype: ScalarType.Float32, device: weight.device);
    }

    /// <summary>W over the ordered columns, (d_out, d_in); later columns are corrected in place.</summary>
    public Tensor Weight { get; }

    /// <summary>U, (d_in, d_in).</summary>
    public Tensor Upper { get; }

    public RangeSearch Search { get; }

    public int Rows => (int)Weight.shape[0];

    public int Columns => (int)Weight.shape[1];

    public int GroupLength { get; }

    /// <summary>(d_out, d_in) uint8.</summary>
    public Tensor Codes { get; }

    /// <summary>(d_out, groups) float32, within the range of float16.</summary>
    public Tensor Scales { get; }

    /// <summary>(d_out, groups) float32.</summary>
    public Tensor Zeros { get; }
}
