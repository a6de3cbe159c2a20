using System.Text.Json;
using OneComp.Safetensors;

namespace OneComp.Tokenization.Reading;

/// <summary>
/// Reads add_bos_token and add_eos_token of tokenizer_config.json; Llama's default is to begin a sequence and not to end it.
/// </summary>
internal static class SequenceMarks
{
    public static SequenceTemplate Read(string configPath, SentencePieceFile file)
    {
        JsonField? config = File.Exists(configPath) ? TokenizerFile.ReadJson(configPath) : null;
        List<int[]?> parts = [null];
        if (config?.Flag("add_bos_token", true) ?? true)
        {
            parts.Insert(0, [IdOf("bos_token", config, file, file.BeginId)]);
        }

        if (config?.Flag("add_eos_token", false) ?? false)
        {
            parts.Add([IdOf("eos_token", config, file, file.EndId)]);
        }

        return new(parts);
    }

    // Written as a string or, with flags, as an object; the model file's own mark where it is not given.
    private static int IdOf(string name, JsonField? config, SentencePieceFile file, int otherwise)
    {
        JsonField? field = config?.Optional(name);
        string? content = (field?.Value.ValueKind == JsonValueKind.Object ? field?["content"] : field)?.Text();
        int id = content is null ? otherwise : file.Pieces.FindIndex(piece => piece.Text == content);
        if (id >= 0 && id < file.Pieces.Count)
        {
            return id;
        }

        string what = content is null
            ? $"has no id for {name}"
            : $"has no piece {Quoted.Text(content)}, which tokenizer_config.json names as {name}";
        throw new TokenizerException(TokenizerError.InvalidVocabulary, file.Path,
            $"'{file.Path}' {what}. Set add_{name} to false in tokenizer_config.json, or name a piece there.");
    }
}
