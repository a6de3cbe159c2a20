using System.Text;

namespace OneComp.Safetensors;

/// <summary>Text out of a file, made fit for a message.</summary>
internal static class Quoted
{
    private const int MaxLength = 200;

    /// <summary>In quotes, without control characters, and cut: a hostile name may have millions of characters.</summary>
    public static string Text(string text)
    {
        var quoted = new StringBuilder("'");
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            quoted.Append(char.IsControl(c) ? '?' : c);
        }

        return quoted.Append(text.Length > MaxLength ? "...'" : "'").ToString();
    }

    /// <summary>Without quotes, and cut.</summary>
    public static string Cut(string text) => text.Length <= MaxLength ? text : string.Concat(text.AsSpan(0, MaxLength), "...");

    /// <summary>A shape as JSON has it, cut after eight dimensions.</summary>
    public static string Shape(IReadOnlyList<long> shape) =>
        $"[{string.Join(", ", shape.Take(8))}{(shape.Count > 8 ? ", ..." : "")}]";
}
