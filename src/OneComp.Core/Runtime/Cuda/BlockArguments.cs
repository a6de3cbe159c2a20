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
    public int Back;
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

/// <summary>The struct of the same name in block_backward.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NormBackArguments
{
    public byte* Input;
    public byte* Gradient;
    public byte* Beside;
    public byte* Weight;
    public byte* Output;
    public int Columns;
    public int InputType;
    public int GradientType;
    public float Epsilon;
}

/// <summary>The struct of the same name in block_backward.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GateBackArguments
{
    public byte* Gate;
    public byte* Up;
    public byte* Gradient;
    public byte* OfGate;
    public byte* OfUp;
    public long Quads;
    public int Function;
    public int Type;
}

/// <summary>The struct of the same name in block_backward.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SquareSumArguments
{
    public byte* Input;
    public byte* Output;
    public long Rows;
    public int Columns;
    public int Type;
    public int RowsPerPart;
    public int QuadBlocks;
}
