using OneComp.Quantization;
using OneComp.Runtime;
using static OneComp.Tests.Quantization.HardLayer;
using static TorchSharp.torch;

namespace OneComp.Tests.Quantization;

/// <summary>Layers that no model should have: each gives the right result or a named error, by every method.</summary>
public class HardNumbersTests
{
    public HardNumbersTests() => TorchRuntime.EnsureLoaded();

    private static readonly string[] Grids = ["rtn", "rtn asymmetric", "gptq", "gptq default", "gptq best", "gptq act-order", "gptq by row"];

    public static TheoryData<string> Methods => new(Grids);

    public static TheoryData<string, float> NotFinite
    {
        get
        {
            var data = new TheoryData<string, float>();
            foreach (var method in Grids.Append("dbf"))
            {
                data.Add(method, float.NaN);
                data.Add(method, float.NegativeInfinity);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(NotFinite))]
    public void A_weight_that_is_not_finite_is_an_error_that_names_the_layer(string method, float value)
    {
        using var scope = NewDisposeScope();
        var weight = Normal(Rows, Columns);
        weight[2, 3] = value;
        var error = Assert.Throws<NumericException>(() => Run(method, weight));
        Assert.Equal(NumericError.WeightNotFinite, error.Error);
        Assert.Contains("q_proj", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Zeros_stay_zeros(string method)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(0, Run(method, zeros(Rows, Columns)).abs().max().item<float>());
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Subnormal_weights_do_no_harm(string method)
    {
        using var scope = NewDisposeScope();
        Assert.InRange(Run(method, Normal(Rows, Columns) * 1e-39f).abs().max().item<float>(), 0, 1e-6f);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_row_of_one_value_comes_back_as_that_value(string method)
    {
        using var scope = NewDisposeScope();
        var weight = Normal(Rows, Columns);
        weight[4] = full(Columns, 0.3f);
        AssertWithin(Run(method, weight)[4], weight[4], 0.06); // 1.5 steps of 4 bits from -0.3 to 0.3: GPTQ moves weights off their own values
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_huge_outlier_keeps_its_size_and_leaves_other_rows_alone(string method)
    {
        using var scope = NewDisposeScope();
        var plain = Normal(Rows, Columns);
        var weight = plain.clone();
        weight[1, 5] = 20000f;
        var (found, without) = (Run(method, weight), Run(method, plain));
        Assert.InRange(found[1, 5].item<float>(), 16000, 24000);
        foreach (var row in (int[])[0, 2, 3, 4, 5])
        {
            Assert.True(found[row].equal(without[row]).all().item<bool>(), $"row {row} changed");
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_weight_whose_scale_float16_cannot_hold_is_an_error_that_says_what_it_can(string method)
    {
        using var scope = NewDisposeScope();
        var weight = Normal(Rows, Columns);
        weight[1, 5] = 1e9f;
        var error = Assert.Throws<NumericException>(() => Run(method, weight));
        Assert.Equal(NumericError.WeightTooLarge, error.Error);
        Assert.Contains("1e+09", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_layer_of_one_row_or_one_column_is_quantized(string method)
    {
        using var scope = NewDisposeScope();
        foreach (var (rows, columns) in ((int, int)[])[(1, Columns), (Rows, 1), (1, 1)])
        {
            var weight = Normal(rows, columns);
            AssertWithin(Run(method, weight), weight, weight.abs().max().item<float>() * 0.6); // GPTQ moves later columns off their own values
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_group_larger_than_a_row_is_the_row(string method)
    {
        using var scope = NewDisposeScope();
        var weight = Normal(Rows, 24);
        var (wide, whole) = (Run(method, weight, groupSize: 128), Run(method, weight, groupSize: -1));
        Assert.True(wide.equal(whole).all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Inputs_that_are_one_token_repeated_leave_that_tokens_output_as_good_as_rounding_does(string method)
    {
        using var scope = NewDisposeScope();
        var weight = Normal(Rows, Columns);
        var token = Normal(1, Columns);
        var found = Run(method, weight, inputs: token.expand(200, Columns));
        var rounded = Run(method.Contains("best", StringComparison.Ordinal) || method.Contains("asymmetric", StringComparison.Ordinal) ? "rtn asymmetric" : "rtn", weight);
        var (error, plain) = (Output(found), Output(rounded));
        Assert.True(found.isfinite().all().item<bool>());
        Assert.True(error <= (plain * 1.2) + 1e-9, $"error {error}, rounded {plain}"); // searched ranges round a little otherwise

        double Output(Tensor rebuilt) => (rebuilt - weight).matmul(token.t()).square().sum().item<float>();
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Inputs_that_are_not_finite_are_an_error_where_they_are_used(string method)
    {
        using var scope = NewDisposeScope();
        var (weight, inputs) = (Normal(Rows, Columns), Normal(50, Columns));
        inputs[3, 4] = float.NaN;
        if (method.StartsWith("rtn", StringComparison.Ordinal))
        {
            Assert.True(Run(method, weight, inputs: inputs).isfinite().all().item<bool>());
            return;
        }

        Assert.Equal(NumericError.HessianNotFinite, Assert.Throws<NumericException>(() => Run(method, weight, inputs: inputs)).Error);
    }

    [Theory]
    [InlineData("dbf")]
    [InlineData("gptq")]
    [InlineData("gptq best")]
    public void Inputs_of_which_most_channels_are_always_zero_make_a_singular_hessian_that_does_no_harm(string method)
    {
        using var scope = NewDisposeScope();
        var weight = Normal(Rows, Columns);
        var inputs = zeros(100, Columns);
        inputs[.., 0..2] = Normal(100, 2);
        var found = Run(method, weight, inputs: inputs);
        Assert.True(found.isfinite().all().item<bool>());
        Assert.InRange(found.abs().max().item<float>(), 0, weight.abs().max().item<float>() * 3);
    }
}
