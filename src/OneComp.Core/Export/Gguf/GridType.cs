using OneComp.Formats;
using OneComp.Quantization.Grids;

namespace OneComp.Export.Gguf;

/// <summary>
/// Which block type holds a quantized layer exactly. Blocks are 32 columns of a row, so each has to lie in one group. With
/// q = code - zero and scale s, all of a layer:
/// <list type="bullet">
/// <item>Q4_0 where every q lies in -8..7: symmetric layers of up to 4 bits, and any of up to 3.</item>
/// <item>Q4_1 where codes have up to 4 bits and -s·zero is a half-precision number in every group.</item>
/// <item>Q8_0 where every q lies in -128..127: symmetric layers of up to 8 bits, and any of up to 7.</item>
/// </list>
/// </summary>
internal static class GridType
{
    /// <summary>The smallest type that holds the layer exactly; null where none does.</summary>
    public static GgufTensorType? Of(LayerGrid grid)
    {
        if (!HasWholeBlocks(grid) || !HasHalfScales(grid))
        {
            return null;
        }

        return grid.Range switch
        {
            ( >= -8, <= 7) => GgufTensorType.Q4_0,
            _ when grid.Bits <= 4 && HasHalfMinima(grid) => GgufTensorType.Q4_1,
            ( >= -128, <= 127) => GgufTensorType.Q8_0,
            _ => null,
        };
    }

    /// <summary>
    /// As <see cref="Of(LayerGrid)"/>, before the layer is quantized. Whether an asymmetric layer of 4 bits fits Q4_1 depends on its values,
    /// which it hardly ever does in every group: Q8_0 is what is foretold.
    /// </summary>
    /// <param name="scheme">Its layout.</param>
    /// <param name="columns">d_in.</param>
    /// <param name="inOrder">Whether columns lie in the order of their groups.</param>
    public static GgufTensorType? Of(GroupScheme scheme, int columns, bool inOrder)
    {
        var blocks = columns % GgufTensorTypes.BlockLength == 0 && scheme.GroupLength(columns) % GgufTensorTypes.BlockLength == 0;
        if (!blocks || !inOrder)
        {
            return null;
        }

        return scheme.CodeBits <= (scheme.Symmetric ? 4 : 3) ? GgufTensorType.Q4_0
            : scheme.CodeBits <= (scheme.Symmetric ? 8 : 7) ? GgufTensorType.Q8_0
            : null;
    }

    private static bool HasWholeBlocks(LayerGrid grid)
    {
        var index = grid.GroupIndex;
        if (index.Length % GgufTensorTypes.BlockLength != 0)
        {
            return false;
        }

        for (var column = 0; column < index.Length; column++)
        {
            if (index[column] != index[column / GgufTensorTypes.BlockLength * GgufTensorTypes.BlockLength])
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasHalfScales(LayerGrid grid) => Array.TrueForAll(grid.Scales, IsHalf);

    private static bool HasHalfMinima(LayerGrid grid)
    {
        for (var i = 0; i < grid.Scales.Length; i++)
        {
            if (!IsHalf(-grid.Scales[i] * grid.Zeros[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsHalf(float value) => (float)(Half)value == value && float.IsFinite((float)(Half)value);
}
