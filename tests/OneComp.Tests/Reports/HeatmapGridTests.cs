using OneComp.Reports;

namespace OneComp.Tests.Reports;

public sealed class HeatmapGridTests
{
    [Fact]
    public void Blocks_are_in_order_and_layers_outside_them_come_last()
    {
        var grid = new AssignmentReport(
            [SamplePlan.Row(-1, "0", 16), SamplePlan.Row(10, "q", 3), SamplePlan.Row(2, "q", 4), SamplePlan.Row(-1, "lm_head", 16)]).Grid;

        Assert.Equal(["2", "10", "0", "lm_head"], grid.RowLabels);
        Assert.Equal(4, grid[0, 1]!.Bits); // column 0 is that of the layer named 0
        Assert.Null(grid[0, 0]);
    }

    [Fact]
    public void Layers_without_blocks_have_a_row_each_in_one_column()
    {
        var grid = new AssignmentReport([SamplePlan.Row(-1, "b.dense", 3), SamplePlan.Row(-1, "a.dense", 4)]).Grid;

        Assert.False(grid.HasBlocks);
        Assert.Equal(["b.dense", "a.dense"], grid.RowLabels);
        Assert.Equal(["Bits"], grid.ColumnLabels);
    }

    [Theory]
    [InlineData("self_attn.q_proj mlp.up_proj", "q_proj up_proj")]
    [InlineData("mlp.experts.0.up_proj mlp.experts.1.up_proj self_attn.q_proj", "0.up_proj 1.up_proj q_proj")]
    [InlineData("q_proj self_attn.q_proj", "q_proj self_attn.q_proj")]
    [InlineData(".x x a..x", ".x x a..x")]
    [InlineData("x. y.", "x. y.")]
    public void Names_are_cut_to_what_tells_them_apart(string names, string expected)
    {
        Assert.Equal(expected.Split(' '), ShortNames.Of(names.Split(' ')));
    }

    [Theory]
    [InlineData(0, 0, "A1")]
    [InlineData(9, 25, "Z10")]
    [InlineData(0, 26, "AA1")]
    [InlineData(0, 701, "ZZ1")]
    [InlineData(0, 702, "AAA1")]
    public void Cells_have_Excels_addresses(int row, int column, string address) => Assert.Equal(address, Sheet.Address(row, column));
}
