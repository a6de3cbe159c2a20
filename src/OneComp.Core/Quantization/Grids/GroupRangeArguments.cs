using System.Runtime.InteropServices;
using OneComp.Runtime.Cuda;

namespace OneComp.Quantization.Grids;

/// <summary>RangeArguments in group_range.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GroupRangeArguments
{
    public byte* Weights;
    public byte* Importance;
    public byte* Scales;
    public byte* Zeros;
    public long RowStride;
    public long OutStride;
    public int Rows;
    public int Columns;
    public int Groups;
    public int GroupLength;
    public RangeRule Rule;
}
