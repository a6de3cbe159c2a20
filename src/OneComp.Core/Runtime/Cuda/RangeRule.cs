using System.Runtime.InteropServices;

namespace OneComp.Runtime.Cuda;

/// <summary>The struct of the same name in group_range.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RangeRule
{
    public float MaxCode;
    public float SymmetricZero;
    public float GridSteps;
    public float Norm;
    public int Steps;
}
