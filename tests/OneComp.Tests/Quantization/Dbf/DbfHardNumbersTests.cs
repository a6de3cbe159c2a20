using OneComp.Quantization;
using OneComp.Runtime;
using static OneComp.Tests.Quantization.HardLayer;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization.Dbf;

/// <summary>The same layers by DBF, which has no grid to hold them against.</summary>
public class DbfHardNumbersTests
{
    public DbfHardNumbersTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<string> HardWeights => ["zeros", "subnormal", "constant row", "zero row", "zero column", "outlier", "one row", "one column", "one weight"];

    [Theory]
    [MemberData(nameof(HardWeights))]
    public void Dbf_gives_finite_weights_of_the_same_size(string kind)
    {
        using var scope = NewDisposeScope();
        var weight = HardWeight(kind);
        var found = Run("dbf", weight);
        Assert.True(found.isfinite().all().item<bool>());
        Assert.InRange(found.abs().max().item<float>(), 0, (weight.abs().max().item<float>() * 3) + 1e-6f);
    }

    [Fact]
    public void Dbf_names_inputs_that_are_not_finite()
    {
        using var scope = NewDisposeScope();
        var inputs = Normal(50, Columns);
        inputs[3, 4] = float.PositiveInfinity;
        Assert.Equal(NumericError.HessianNotFinite, Assert.Throws<NumericException>(() => Run("dbf", Normal(Rows, Columns), inputs: inputs)).Error);
    }

    private static Tensor HardWeight(string kind)
    {
        var weight = kind switch
        {
            "one row" => Normal(1, Columns),
            "one column" => Normal(Rows, 1),
            "one weight" => Normal(1, 1),
            _ => Normal(Rows, Columns),
        };
        switch (kind)
        {
            case "zeros": return zeros(Rows, Columns);
            case "subnormal": return weight * 1e-39f;
            case "constant row": weight[4] = full(Columns, 0.3f); break;
            case "zero row": weight[4] = zeros(Columns); break;
            case "zero column": weight[.., 3] = zeros(Rows); break;
            case "outlier": weight[1, 5] = 20000f; break;
            default: break;
        }

        return weight;
    }
}
