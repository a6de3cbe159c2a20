using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>The linear system of an ADMM step: L(X) + ρX = R, with L symmetric and positive semidefinite.</summary>
internal interface IRidgeSystem : IDisposable
{
    /// <summary>Sets ρ, before the first solve and whenever it changes.</summary>
    void Shift(double rho);

    /// <summary>X for R, both (k, features). R is borrowed; the caller owns X.</summary>
    Tensor Solve(Tensor right);
}
