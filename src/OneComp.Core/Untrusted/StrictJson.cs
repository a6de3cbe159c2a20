using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace OneComp.Untrusted;

/// <summary>
/// JSON of others. <see cref="JsonNode"/> and <see cref="JsonDocument"/> find out late, and by exceptions of other kinds, that a key comes twice, that a
/// string is not UTF-8 or that it holds half a surrogate pair; here all of that is a <see cref="JsonException"/> at once.
/// </summary>
internal static class StrictJson
{
    /// <summary>As deep as anything that is read here may be nested, where no less is said.</summary>
    public const int MaxDepth = 64;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF]; // no JSON, but Windows editors write it

    /// <summary>Parses; null for the JSON value null.</summary>
    /// <param name="json">UTF-8, with a byte order mark or without.</param>
    /// <param name="maxDepth">Objects and lists within each other.</param>
    /// <param name="lenient">True to allow comments and trailing commas, as in files that people write.</param>
    /// <exception cref="JsonException">It is no JSON, or breaks one of the rules above.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> json, int maxDepth = MaxDepth, bool lenient = false)
    {
        json = WithoutMark(json);
        Check(json, maxDepth, lenient);
        return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions
        {
            MaxDepth = maxDepth,
            AllowDuplicateProperties = false,
            CommentHandling = lenient ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
            AllowTrailingCommas = lenient,
        });
    }

    /// <summary>Parses to elements; keys may come twice. The caller disposes the result, which keeps the bytes.</summary>
    /// <exception cref="JsonException">As for <see cref="Parse"/>.</exception>
    public static JsonDocument ParseDocument(ReadOnlyMemory<byte> json, int maxDepth = MaxDepth, bool lenient = false)
    {
        json = json[(json.Length - WithoutMark(json.Span).Length)..];
        Check(json.Span, maxDepth, lenient);
        return JsonDocument.Parse(json, new JsonDocumentOptions
        {
            MaxDepth = maxDepth,
            CommentHandling = lenient ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
            AllowTrailingCommas = lenient,
        });
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> json) => json.StartsWith(ByteOrderMark) ? json[ByteOrderMark.Length..] : json;

    private static void Check(ReadOnlySpan<byte> json, int maxDepth, bool lenient)
    {
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("It is not UTF-8.");
        }

        var reader = new Utf8JsonReader(json, new JsonReaderOptions
        {
            MaxDepth = maxDepth,
            CommentHandling = lenient ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
            AllowTrailingCommas = lenient,
        });
        while (reader.Read())
        {
            if (reader.ValueIsEscaped)
            {
                CheckText(ref reader);
            }
        }
    }

    private static void CheckText(ref Utf8JsonReader reader)
    {
        try
        {
            reader.GetString();
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A string holds half a surrogate pair.", exception);
        }
    }
}
