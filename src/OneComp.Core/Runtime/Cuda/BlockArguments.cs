using System.Runtime.InteropServices;

namespace OneComp.Runtime.Cuda;

/// <summary>The struct of the same name in block_forward.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NormArguments
{
    public byte* Input;
    public byte* Weight;
    public byte* Output;
    public int Columns;
    public int InputType;
    public int OutputType;
    public float Epsilon;
}

/// <summary>The struct of the same name in block_forward.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RotaryArguments
{
    public byte* Input;
    public byte* Cosines;
    public byte* Sines;
    public byte* Output;
    public long Quads;
    public int Tokens;
    public int Heads;
    public int Half;
    public int Type;
}

/// <summary>The struct of the same name in block_forward.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GateArguments
{
    public byte* Gate;
    public byte* Up;
    public byte* Output;
    public long Quads;
    public int Function;
    public int Type;
}
