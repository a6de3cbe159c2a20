using OneComp.Models;
using OneComp.Models.Architectures;

namespace OneComp.Estimation;

/// <summary>What a server needs of each GPU beside the weights.</summary>
internal sealed class ServingMemory(ModelConfig config, MemoryOptions options)
{
    private const int DefaultContext = 4096;
    private const int TokensAtOnce = 2048; // servers work through a prompt in pieces of so many tokens (vLLM: max_num_batched_tokens)
    private const int HalfBytes = 2;
    private const int LogitBytes = 4;

    /// <summary>Tokens of a sequence.</summary>
    public int ContextLength { get; } = options.ContextLength ?? Math.Min(DefaultContext, config.MaxPositionEmbeddings);

    /// <summary>
    /// Keys and values: 2 · heads · head width · tokens in each block, for every sequence; a block that slides keeps its window. Heads are
    /// divided over the GPUs; where there are fewer, each GPU has one.
    /// </summary>
    public double KvCacheBytes
    {
        get
        {
            var architecture = KnownArchitectures.Require(config.Architecture, config.Folder);
            var heads = (config.NumKeyValueHeads + options.TensorParallel - 1) / options.TensorParallel;
            var tokens = Enumerable.Range(0, config.NumLayers).Sum(block =>
                (double)Math.Min(ContextLength, architecture.TraitsOf(config, block).SlidingWindow ?? int.MaxValue));
            return 2.0 * heads * config.HeadDim * tokens * options.BatchSize * options.KvBits / 8;
        }
    }

    /// <summary>
    /// Activations of the widest point of a block for as many tokens as go through it at once, and a sequence's next-token logits: with t tokens
    /// and h channels 2·t·(2h + the larger of q, k, v and the attention's output, or 3 times the MLP's width), and 4·vocabulary for each sequence.
    /// </summary>
    public double WorkspaceBytes
    {
        get
        {
            var tokens = Math.Min((double)ContextLength * options.BatchSize, TokensAtOnce);
            var attention = 2.0 * config.HeadDim * (config.NumHeads + config.NumKeyValueHeads);
            var widest = Math.Max(attention, 3.0 * config.IntermediateSize) / options.TensorParallel;
            return (HalfBytes * tokens * ((2.0 * config.HiddenSize) + widest))
                + ((double)LogitBytes * options.BatchSize * config.VocabularySize);
        }
    }
}
