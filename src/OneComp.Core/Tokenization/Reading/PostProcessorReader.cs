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
            "TemplateProcessing" => [new([.. post["single"].Items().Select(part => Part(part, post["special_tokens"]))])],
            _ => throw post.Error(TokenizerError.UnknownPostProcessor,
                $"is of type '{type}'; known are Sequence, ByteLevel and TemplateProcessing"),
        };
    }

    private static int[]? Part(JsonField part, JsonField specialTokens)
    {
        if (part.Optional("SpecialToken") is { } special)
        {
            return [.. specialTokens[special["id"].Text()]["ids"].Items().Select(id => id.Id())];
        }

        return part.Optional("Sequence") is { } sequence && sequence["id"].Text() == "A"
            ? null
            : throw part.Invalid("is neither a 'SpecialToken' nor the 'Sequence' A");
    }
}
