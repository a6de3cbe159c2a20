using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>
/// What the columns that are done leave to those that come: Z = (W - Ŵ)·R over the former, (d_out, d_in), where W' = W + Z·U are the weights to
/// quantize. Its tensors live in the dispose scope that is open when it is made.
/// </summary>
/// <param name="state">The layer.</param>
/// <param name="factor">R and its inverse.</param>
internal class CarriedErrors(GptqState state, HessianFactor factor)
{
    private readonly Tensor _sum = zeros_like(state.Weight);

    /// <summary>Z of some columns, a view.</summary>
    public Tensor Of(int start, int end) => _sum.narrow(1, start, end - start);

    /// <summary>A tensor for a segment's W - Ŵ, (d_out, n).</summary>
    public virtual Tensor NewDifferences(int columns) => empty(state.Rows, columns, dtype: ScalarType.Float32, device: state.Weight.device);

    /// <summary>Adds what a segment leaves to the columns after it.</summary>
    public void Add(GptqSegment segment)
    {
        var end = segment.Start + segment.Length;
        if (end < state.Columns)
        {
            Add(Of(end, state.Columns), segment.Differences, factor.Root.narrow(0, segment.Start, segment.Length).narrow(1, end, state.Columns - end));
        }
    }

    /// <summary>sum += differences · root.</summary>
    /// <param name="sum">Z of the columns to come, a view.</param>
    /// <param name="differences">As <see cref="NewDifferences"/> laid them out.</param>
    /// <param name="root">(n, columns to come) of R, a view.</param>
    protected virtual void Add(Tensor sum, Tensor differences, Tensor root) => sum.addmm_(differences, root);
}
