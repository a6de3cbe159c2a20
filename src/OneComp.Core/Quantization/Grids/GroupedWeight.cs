using OneComp.Models;
using static TorchSharp.torch;

namespace OneComp.Quantization.Grids;

/// <summary>
/// A weight on a grid for each group: ŵ = scale · (code - zero), with the scale and zero point of the column's group. Owns its tensors.
/// </summary>
internal sealed class GroupedWeight : QuantizedWeight
{
    /// <summary>Takes ownership of the tensors.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="scheme">Bits, group size, symmetry.</param>
    /// <param name="codes">(d_out, d_in) uint8, columns in the model's order.</param>
    /// <param name="scales">(d_out, groups) float16 or float32.</param>
    /// <param name="zeros">(d_out, groups) whole numbers: 1 to 2^b - 1 where made here, 0 to 2^b where read.</param>
    /// <param name="groupIndex">The group of each column, d_in long.</param>
    public GroupedWeight(LinearLayer layer, GroupScheme scheme, Tensor codes, Tensor scales, Tensor zeros, int[] groupIndex)
        : base(layer)
    {
        Scheme = scheme;
        Codes = codes;
        Scales = scales;
        Zeros = zeros;
        GroupIndex = groupIndex;
    }

    public GroupScheme Scheme { get; }

    public Tensor Codes { get; }

    public Tensor Scales { get; }

    public Tensor Zeros { get; }

    public int[] GroupIndex { get; }

    public override Tensor Dequantize() => Dequantize(Codes, Scales, Zeros, GroupIndex);

    /// <summary>Ŵ, (d_out, d_in), float32, from its parts. The caller owns it.</summary>
    public static Tensor Dequantize(Tensor codes, Tensor scales, Tensor zeros, int[] groupIndex)
    {
        using var scope = NewDisposeScope();
        var columns = tensor(groupIndex, dtype: ScalarType.Int64, device: codes.device);
        var weight = codes.to(ScalarType.Float32);
        using (var zero = zeros.to(ScalarType.Float32).index_select(1, columns)) // as large as the weight: one at a time
        {
            weight.sub_(zero);
        }

        using var scale = scales.to(ScalarType.Float32).index_select(1, columns);
        return weight.mul_(scale).MoveToOuterDisposeScope();
    }

    /// <summary>The same on a device, outside any dispose scope. The argument is used up.</summary>
    public GroupedWeight To(Device device)
    {
        var moved = new GroupedWeight(Layer, Scheme, Codes.to(device, copy: true), Scales.to(device, copy: true), Zeros.to(device, copy: true), GroupIndex);
        moved.Detach();
        Dispose();
        return moved;
    }

    public override void Detach()
    {
        Codes.DetachFromDisposeScope();
        Scales.DetachFromDisposeScope();
        Zeros.DetachFromDisposeScope();
    }

    /// <summary>Hands the tensors to the dispose scope outside the one that is open.</summary>
    public void MoveToOuterDisposeScope()
    {
        Codes.MoveToOuterDisposeScope();
        Scales.MoveToOuterDisposeScope();
        Zeros.MoveToOuterDisposeScope();
    }

    public override void Dispose()
    {
        Codes.Dispose();
        Scales.Dispose();
        Zeros.Dispose();
    }
}
