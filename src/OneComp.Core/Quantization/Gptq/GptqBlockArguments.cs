using System.Runtime.InteropServices;
using OneComp.Runtime.Cuda;

namespace OneComp.Quantization.Gptq;

/// <summary>BlockArguments in gptq_block.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GptqBlockArguments
{
    public byte* Original;
    public byte* Weights;
    public byte* Upper;
    public byte* Importance;
    public byte* GroupOf;
    public byte* Codes;
    public byte* Scales;
    public byte* Zeros;
    public byte* Differences;
    public byte* Errors;
    public int Rows;
    public int Columns;
    public int Groups;
    public int GroupLength;
    public int Start;
    public int Count;
    public int SegmentStart;
    public int SegmentLength;
    public int Parts;
    public RangeRule Rule;
}
