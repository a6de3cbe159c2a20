using OneComp.Evaluation;
using OneComp.Tests.Support;

namespace OneComp.Tests.Evaluation;

public class PerplexityTests
{
    [Fact]
    public void The_model_has_the_references_perplexity()
    {
        var result = PerplexityRun.Run(new PerplexityOptions { Model = Repository.TinyLlama, Path = Reference.TensorFile, TensorName = "eval_ids", Device = "cpu" });

        var expected = Reference.Json.GetProperty("ppl_fp32").GetDouble();
        Assert.InRange(result.Perplexity / expected, 1 - 1e-4, 1 + 1e-4);
    }

    [Theory]
    [InlineData(10, 4, 4, 3 + 3 + 1, 3)]   // three windows without overlap: each loses its first token
    [InlineData(10, 4, 2, 9, 4)]           // overlap: every token but the first counts, once
    [InlineData(4, 8, 8, 3, 1)]
    public void Every_token_counts_once(int tokens, int maxLength, int stride, int scored, int windows)
    {
        var ids = Enumerable.Range(0, tokens).ToArray();

        var result = EvaluationWindow.Of(ids, maxLength, stride);

        Assert.Equal(windows, result.Count);
        Assert.Equal(scored, result.SelectMany(window => window.Ids[window.FirstScored..]).Distinct().Count());
        Assert.Equal(scored, result.Sum(window => window.Ids.Length - window.FirstScored));
    }
}
