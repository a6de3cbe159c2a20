using System.Runtime.InteropServices;

namespace OneComp.Formats.Gptq;

/// <summary>The struct of the same name in bit_packing.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PackArguments
{
    public byte* Values;
    public byte* Words;
    public long LineStride;
    public long ValueStride;
    public long WordLineStride;
    public long WordStride;
    public int Lines;
    public int Count;
    public int Bits;
    public int Subtract;
}
