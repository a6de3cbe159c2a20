using OneComp.Quantization.Grids;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>What GPTQ of one layer reads and writes. The tensors live in the dispose scope that is open when it is made.</summary>
internal sealed class GptqState
{
    /// <summary>Groups of ordered columns that follow each other; the loop finds their ranges as it comes to them.</summary>
    public GptqState(Tensor weight, RangeSearch search, Tensor? importance)
    {
        Weight = weight;
        Search = search;
        Importance = importance;
        GroupLength = search.Scheme.GroupLength(Columns);
        Groups = [.. Enumerable.Range(0, Columns).Select(column => column / GroupLength)];
        var groups = search.Scheme.GroupCount(Columns);
        Codes = empty(Rows, Columns, dtype: ScalarType.Byte, device: weight.device);
        Scales = empty(Rows, groups, dtype: ScalarType.Float32, device: weight.device);
        Zeros = empty(Rows, groups, dtype: ScalarType.Float32, device: weight.device);
    }

    /// <summary>Groups whose ranges are given: <paramref name="groups"/> holds the group of each ordered column.</summary>
    public GptqState(Tensor weight, RangeSearch search, (Tensor Scales, Tensor Zeros) ranges, int[] groups)
        : this(weight, search, importance: null)
    {
        (Scales, Zeros) = ranges;
        Groups = groups;
        RangesAreGiven = true;
        GroupOfColumn = tensor(groups, dtype: ScalarType.Int32, device: weight.device);
    }

    /// <summary>W over the ordered columns, (d_out, d_in) float32, contiguous; never changed.</summary>
    public Tensor Weight { get; }

    public RangeSearch Search { get; }

    /// <summary>What the error of each ordered column counts in the search of ranges, (d_in) float32; null where all count the same.</summary>
    public Tensor? Importance { get; }

    public int Rows => (int)Weight.shape[0];

    public int Columns => (int)Weight.shape[1];

    public int GroupLength { get; }

    /// <summary>True where scales and zeros are there before the loop begins: static groups, and one group for the whole row.</summary>
    public bool RangesAreGiven { get; }

    /// <summary>The group of each ordered column, d_in long.</summary>
    public int[] Groups { get; }

    /// <summary><see cref="Groups"/> on the device, (d_in) int32, where ranges are given.</summary>
    public Tensor? GroupOfColumn { get; }

    /// <summary>(d_out, d_in) uint8.</summary>
    public Tensor Codes { get; }

    /// <summary>(d_out, groups) float32, within the range of float16.</summary>
    public Tensor Scales { get; }

    /// <summary>(d_out, groups) float32.</summary>
    public Tensor Zeros { get; }
}
