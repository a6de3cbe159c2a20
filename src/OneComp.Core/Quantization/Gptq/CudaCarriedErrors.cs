using OneComp.Quantization.Hessians;
using OneComp.Runtime.Cuda;
using static TorchSharp.torch;

namespace OneComp.Quantization.Gptq;

/// <summary>On tensor cores, by parts of factors; the kernels write the parts of a segment's differences.</summary>
internal sealed class CudaCarriedErrors(SplitProduct products, GptqState state, HessianFactor factor) : CarriedErrors(state, factor)
{
    private readonly GptqState _state = state;

    /// <summary>As <see cref="SplitProduct.NewParts"/> lays them out, (d_out, 3n).</summary>
    public override Tensor NewDifferences(int columns) => SplitProduct.NewParts(_state.Rows, columns, _state.Weight.device);

    /// <summary>Whether a segment's differences are such parts.</summary>
    public static bool AreParts(GptqSegment segment) => segment.Differences.shape[1] != segment.Length;

    protected override void Add(Tensor sum, Tensor differences, Tensor root) => products.AddParts(sum, differences, root);
}
