using OneComp.Export.Gguf;

namespace OneComp.Verification;

/// <summary>A GGUF file by itself: head, metadata and tensors that lie where the file says, of known types, with finite scales.</summary>
internal static class GgufChecks
{
    /// <summary>Keys without which llama.cpp does not load a model.</summary>
    private static readonly string[] Keys = ["general.architecture", "tokenizer.ggml.model", "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"];

    private static readonly string[] ArchitectureKeys =
        ["block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count", "attention.layer_norm_rms_epsilon"];

    public static IEnumerable<(string Target, string Fault)> Faults(string path)
    {
        var name = Path.GetFileName(path);
        GgufHead? head = null;
        if (CheckList.FaultOf(() => head = GgufHead.Read(path)) is { } fault)
        {
            yield return (name, fault);
            yield break;
        }

        var architecture = head!.Metadata.GetValueOrDefault("general.architecture") as string;
        foreach (var key in Keys.Concat(ArchitectureKeys.Select(key => $"{architecture}.{key}")).Where(key => !head.Metadata.ContainsKey(key)))
        {
            yield return (name, $"The key {key} is missing.");
        }

        var end = 0L;
        foreach (var (tensor, offset) in head.Tensors.OrderBy(tensor => tensor.Offset))
        {
            if (offset < end || offset > head.DataLength - tensor.ByteCount)
            {
                yield return (tensor.Name, $"The tensor lies at bytes {offset}..{offset + tensor.ByteCount} of {head.DataLength}, the one before it ends at {end}.");
            }

            end = offset + tensor.ByteCount;
        }

        if (head.Metadata.GetValueOrDefault("tokenizer.ggml.tokens") is long tokens && head.Tensors.FirstOrDefault(tensor => tensor.Tensor.Name == "token_embd.weight").Tensor is { } embedding && embedding.Rows != tokens)
        {
            yield return (name, $"There are {tokens} tokens, but the embedding has {embedding.Rows} rows.");
        }
    }
}
