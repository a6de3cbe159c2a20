using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Quantization.Dbf;

/// <summary>The two factors while they are searched for, Aᵀ and B, and a round of solving for one and then the other. Owns both.</summary>
internal sealed class FactorPair : IDisposable
{
    private readonly DbfQuantizer _options;

    /// <summary>Starts from normal random numbers.</summary>
    public FactorPair(LinearLayer layer, DbfQuantizer options, Generator generator, Device device)
    {
        var inner = options.SchemeFor(layer).InnerFeatures(layer);
        Left = new SignFactor(inner, layer.OutFeatures, generator, device);
        Right = new SignFactor(inner, layer.InFeatures, generator, device);
        _options = options;
    }

    /// <summary>Aᵀ, (k, d_out).</summary>
    public SignFactor Left { get; }

    /// <summary>B, (k, d_in).</summary>
    public SignFactor Right { get; }

    /// <summary>A round for least tr((T - A·B)·C·(T - A·B)ᵀ).</summary>
    /// <param name="target">T, (d_out, d_in). Borrowed.</param>
    /// <param name="correlation">C; null for the identity. Borrowed.</param>
    /// <param name="rho">ρ of the round.</param>
    public void Improve(Tensor target, InputCorrelation? correlation, double rho)
    {
        using var scope = NewDisposeScope();
        var weighted = Weighted(target);                                                 // T·C
        Left.NormaliseInto(Right);
        var leftGram = Regularised(Left.Value.mm(Left.Value.t()));
        using (IRidgeSystem system = correlation is null ? new GramSystem(leftGram) : new KroneckerSystem(leftGram, correlation))
        {
            Admm.Solve(Right, system, Left.Value.mm(weighted), rho, _options.UseAdaptiveRho);
        }

        Right.NormaliseInto(Left);
        using (var system = new GramSystem(Regularised(Weighted(Right.Value).mm(Right.Value.t()))))
        {
            Admm.Solve(Left, system, Right.Value.mm(weighted.t()), rho, _options.UseAdaptiveRho);
        }

        Tensor Weighted(Tensor rows) => correlation is null ? rows : rows.mm(correlation.Matrix);
    }

    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
    }

    /// <summary>Adds the ridge term, a share of the mean diagonal, in place.</summary>
    private Tensor Regularised(Tensor gram)
    {
        var diagonal = gram.diagonal();
        diagonal.add_(diagonal.mean().mul_(_options.Reg));
        return gram;
    }
}
