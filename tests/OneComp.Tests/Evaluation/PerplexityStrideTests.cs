using OneComp.Evaluation;
using OneComp.Models;
using OneComp.Tests.Models;
using OneComp.Tests.Support;
using OneComp.Tokenization;
using static TorchSharp.torch;

namespace OneComp.Tests.Evaluation;

/// <summary>Windows and strides against one forward pass a token.</summary>
public class PerplexityStrideTests
{
    private const string Text = "My fellow Americans, the state of the Union is strong. We have 1,800 reasons to hope.";

    [Theory]
    [InlineData(8, 8)]
    [InlineData(8, 3)]
    [InlineData(12, 1)]
    [InlineData(200, 200)]
    public void The_loss_is_the_mean_over_tokens_each_with_the_context_its_window_gives(int maxLength, int stride)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("text.txt"), Text);

        var result = PerplexityRun.Run(new PerplexityOptions
        {
            Model = Repository.TinyLlama,
            Path = folder.File("text.txt"),
            MaxLength = maxLength,
            Stride = stride,
            Device = "cpu",
        });

        int[] ids = [.. TokenizerLoader.Load(Repository.TinyLlama).Encode(Text)];
        var losses = Losses(ids, maxLength, stride);
        Assert.Equal(losses.Count, result.Tokens);
        Assert.Equal(losses.Average(), result.Loss, 1e-4);
        Assert.Equal(Math.Exp(result.Loss), result.Perplexity);
    }

    /// <summary>For each token, the first window that holds it and its context from that window's start.</summary>
    private static List<double> Losses(int[] ids, int maxLength, int stride)
    {
        using var model = CausalModel.Open(Repository.TinyLlama);
        var losses = new List<double>();
        for (var position = 1; position < ids.Length; position++)
        {
            var start = 0;
            while (start + maxLength <= position)
            {
                start += stride;
            }

            if (start == position)
            {
                continue; // the first token of a window has no context
            }

            using var scope = NewDisposeScope();
            var context = tensor(Array.ConvertAll(ids[start..position], id => (long)id)).unsqueeze(0);
            var last = ForwardPass.Logits(model, context)[0, -1].to(ScalarType.Float64);
            losses.Add(-last.log_softmax(0)[ids[position]].item<double>());
        }

        return losses;
    }
}
