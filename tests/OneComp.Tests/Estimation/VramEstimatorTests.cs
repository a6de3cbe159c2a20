using System.Text.Json;
using OneComp.Errors;
using OneComp.Estimation;
using OneComp.Models;
using OneComp.Tests.Support;

namespace OneComp.Tests.Estimation;

public class VramEstimatorTests
{
    private static readonly ModelConfig Config = ModelConfig.Load(Repository.TinyLlama);

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Reference.Json.GetProperty("vram").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Estimates_are_the_references(int row)
    {
        var expected = Reference.Json.GetProperty("vram")[row];

        var actual = VramEstimator.Estimate(Config, Number(expected, "total_vram_gb"));

        AssertClose(Number(expected, "target_bitwidth"), actual.TargetBitwidth);
        AssertClose(Number(expected, "budget_gb"), actual.BudgetGB);
        AssertClose(Number(expected, "non_quant_weight_gb"), actual.NonQuantWeightGB);
        AssertClose(Number(expected, "available_for_quant_gb"), actual.AvailableForQuantGB);
        AssertClose(Number(expected, "meta_bits_per_param"), actual.MetaBitsPerParam);
        Assert.Equal(expected.GetProperty("total_params").GetInt64(), actual.TotalParams);
        Assert.Equal(expected.GetProperty("quantizable_params").GetInt64(), actual.QuantizableParams);
    }

    [Fact]
    public void Too_little_memory_is_an_error_that_names_the_model()
    {
        var error = Assert.Throws<EstimationException>(() => VramEstimator.Estimate(Config, 0.0005));
        Assert.Equal((EstimationError.ModelTooLarge, "EstimateModelTooLarge", Config.Folder), (error.Error, error.ErrorId, error.Subject));
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
    }

    [Theory]
    [InlineData(double.NaN, 0.8, 128)]
    [InlineData(0.0, 0.8, 128)]
    [InlineData(1.0, 0.0, 128)]
    [InlineData(1.0, 1.1, 128)]
    [InlineData(1.0, 0.8, 0)]
    public void Values_out_of_range_are_refused(double totalVramGB, double vramRatio, int groupSize) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => VramEstimator.Estimate(Config, totalVramGB, vramRatio, groupSize));

    private static double Number(JsonElement row, string field) => row.GetProperty(field).GetDouble();

    private static void AssertClose(double expected, double actual) => Assert.InRange(actual / expected, 1 - 1e-9, 1 + 1e-9);
}
