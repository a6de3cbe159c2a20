using System.Text.Json;
using System.Text.Json.Nodes;
using OneComp.Models;
using OneComp.Tokenization.Reading;

namespace OneComp.Export.Gguf;

/// <summary>Ids of the tokens with a role, and the chat template: from tokenizer_config.json, else config.json.</summary>
internal sealed class SpecialTokens
{
    private readonly ModelConfig _config;
    private readonly TokenTable _table;
    private readonly JsonField? _fields;

    public SpecialTokens(ModelConfig config, TokenTable table)
    {
        (_config, _table) = (config, table);
        var file = Path.Combine(config.Folder, "tokenizer_config.json");
        _fields = File.Exists(file) ? TokenizerFile.ReadJson(file) : null;
    }

    /// <summary>The id of a role: bos, eos, unk, pad; null where none is named.</summary>
    /// <exception cref="ExportException">A token is named that the tokenizer does not have.</exception>
    public int? IdOf(string role)
    {
        if (_fields?.Optional(role + "_token") is { } field)
        {
            var text = (field.Value.ValueKind == JsonValueKind.Object ? field["content"] : field).Text();
            return _table.Find(text) ?? throw new ExportException(ExportError.TokenizerMismatch, field.File, $"'{field.File}' names '{text}' as {role}_token, which the tokenizer does not have.");
        }

        // A model may end at several tokens; llama.cpp knows the usual others by their text.
        return (_config.Raw[role + "_token_id"] is JsonArray { Count: > 0 } several ? several[0] : _config.Raw[role + "_token_id"]) is JsonValue value && value.TryGetValue(out int id) ? id : null;
    }

    /// <summary>The chat template (Jinja); null where there is none.</summary>
    public string? ChatTemplate()
    {
        var file = Path.Combine(_config.Folder, "chat_template.jinja");
        if (File.Exists(file))
        {
            return System.Text.Encoding.UTF8.GetString(TokenizerFile.ReadBytes(file));
        }

        return _fields?.Optional("chat_template") switch
        {
            null => null,
            { Value.ValueKind: JsonValueKind.String } text => text.Text(),
            { } list => list.Items().Where(item => item["name"].Text() == "default").Select(item => item["template"].Text()).FirstOrDefault(),
        };
    }
}
