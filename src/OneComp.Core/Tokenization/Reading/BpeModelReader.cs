using System.Text.Json;
using OneComp.Safetensors;

namespace OneComp.Tokenization.Reading;

/// <summary>Reads "model" of tokenizer.json: vocabulary and merges.</summary>
internal static class BpeModelReader
{
    public static BpeModel Read(JsonField model)
    {
        // Files of the first versions name no type; they have merges.
        string type = model.Optional("type")?.Text() ?? "BPE";
        if (type != "BPE")
        {
            throw model.Error(TokenizerError.UnknownModelType, $"is of type {Quoted.Text(type)}; known is BPE");
        }

        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Optional(affix) is { } set && set.Text().Length > 0)
            {
                throw set.Error(TokenizerError.UnsupportedSetting, $"is {Quoted.Text(set.Text())}; only tokenizers without it are handled");
            }
        }

        if (model.Optional("dropout") is { } dropout && dropout.Value.GetRawText() is not ("0" or "0.0"))
        {
            throw dropout.Error(TokenizerError.UnsupportedSetting,
                $"is {Quoted.Cut(dropout.Value.GetRawText())}; set it to null, as dropout makes ids random");
        }

        Dictionary<string, int> vocabulary = ReadVocabulary(model["vocab"]);
        int[]? byteIds = model.Flag("byte_fallback", false) ? ByteFallback.Ids(vocabulary) : null;
        return new PairBpeModel(vocabulary, ReadMerges(model["merges"], vocabulary, byteIds))
        {
            ByteIds = byteIds,
            UnknownId = model.Optional("unk_token") is { } unknown ? IdOf(unknown, vocabulary) : null,
            FuseUnknown = model.Flag("fuse_unk", false),
            IgnoreMerges = model.Flag("ignore_merges", false),
        };
    }

    private static Dictionary<string, int> ReadVocabulary(JsonField field)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string token, JsonField id) in field.Members())
        {
            vocabulary[token] = id.Id();
        }

        return vocabulary.Count > 0 ? vocabulary : throw field.Error(TokenizerError.InvalidVocabulary, "is empty");
    }

    private static int IdOf(JsonField token, Dictionary<string, int> vocabulary) =>
        vocabulary.TryGetValue(token.Text(), out int id)
            ? id
            : throw token.Error(TokenizerError.InvalidVocabulary, $"is {Quoted.Text(token.Text())}, which the vocabulary lacks");

    private static Dictionary<(int Left, int Right), (int Rank, int Id)> ReadMerges(
        JsonField field, Dictionary<string, int> vocabulary, int[]? byteIds)
    {
        var merges = new Dictionary<(int Left, int Right), (int Rank, int Id)>();
        int rank = 0;
        foreach (JsonField merge in field.Items())
        {
            (string left, string right) = ReadPair(merge);
            int leftId = Id(left), rightId = Id(right);
            // The encoder writes bytes after all merges.
            if (byteIds is not null && (byteIds.Contains(leftId) || byteIds.Contains(rightId)))
            {
                throw merge.Error(TokenizerError.UnsupportedSetting,
                    $"joins {Quoted.Text(left)} and {Quoted.Text(right)}; merges of byte_fallback's bytes are not handled");
            }

            merges[(leftId, rightId)] = (rank++, Id(left + right)); // of two entries the later counts

            int Id(string token) => vocabulary.TryGetValue(token, out int id)
                ? id
                : throw merge.Error(TokenizerError.InvalidMerge,
                    $"joins {Quoted.Text(left)} and {Quoted.Text(right)}, but the vocabulary lacks {Quoted.Text(token)}");
        }

        return merges;
    }

    /// <summary>A merge, written as "a b", or as ["a", "b"] by newer versions.</summary>
    public static (string Left, string Right) ReadPair(JsonField merge)
    {
        string[] pair = merge.Value.ValueKind == JsonValueKind.Array
            ? [.. merge.Items().Select(part => part.Text())]
            : merge.Text().Split(' ');
        return pair is [{ Length: > 0 }, { Length: > 0 }]
            ? (pair[0], pair[1])
            : throw merge.Error(TokenizerError.InvalidMerge, $"is {Quoted.Cut(merge.Value.GetRawText())}, not a pair of tokens");
    }
}
