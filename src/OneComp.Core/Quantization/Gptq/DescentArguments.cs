using System.Runtime.InteropServices;

namespace OneComp.Quantization.Gptq;

/// <summary>DescentArguments in code_descent.cu, which says what they are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DescentArguments
{
    public byte* Slopes;
    public byte* Hessian;
    public byte* Scales;
    public byte* Zeros;
    public byte* Codes;
    public byte* Changes;
    public float MaxCode;
    public int Rows;
    public int Columns;
    public int Start;
    public int Count;
}
