using OneComp.Safetensors;

namespace OneComp.Tokenization.Reading;

/// <summary>Reads "post_processor": what stands around a text.</summary>
internal static class PostProcessorReader
{
    public static IReadOnlyList<SequenceTemplate> Read(JsonField? field)
    {
        if (field is not { } post)
        {
            return [];
        }

        string type = post["type"].Text();
        return type switch
        {
            "Sequence" => [.. post["processors"].Items().SelectMany(inner => Read(inner))],
            "ByteLevel" => [], // concerns offsets only
            "TemplateProcessing" => [Template(post)],
            _ => throw post.Error(TokenizerError.UnknownPostProcessor,
                $"is of type {Quoted.Text(type)}; known are Sequence, ByteLevel and TemplateProcessing"),
        };
    }

    // A template that repeats the text, and others around it, would multiply it.
    private static SequenceTemplate Template(JsonField post)
    {
        var parts = new List<int[]?>();
        int ids = 0;
        foreach (JsonField item in post["single"].Items())
        {
            int[]? part = Part(item, post);
            parts.Add(part);
            ids += part?.Length ?? 0;
            if (ids > TokenizerLimits.MostTemplateIds || parts.Count > TokenizerLimits.MostTemplateIds)
            {
                throw post["single"].Error(TokenizerError.UnsupportedSetting, $"puts over {TokenizerLimits.MostTemplateIds} ids around a text");
            }
        }

        return parts.Count(part => part is null) == 1
            ? new(parts)
            : throw post["single"].Error(TokenizerError.UnsupportedSetting, "does not hold the Sequence A once");
    }

    private static int[]? Part(JsonField part, JsonField post)
    {
        if (part.Optional("SpecialToken") is { } special)
        {
            return [.. post["special_tokens"][special["id"].Text()]["ids"].Items().Take(TokenizerLimits.MostTemplateIds + 1).Select(id => id.Id())];
        }

        return part.Optional("Sequence") is { } sequence && sequence["id"].Text() == "A"
            ? null
            : throw part.Invalid("is neither a 'SpecialToken' nor the 'Sequence' A");
    }
}
