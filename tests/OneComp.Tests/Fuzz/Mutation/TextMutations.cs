using System.Text;

namespace OneComp.Tests.Fuzz.Mutation;

/// <summary>Spoils text of lines and separated fields: csv, data files of PowerShell, JSON lines.</summary>
internal static class TextMutations
{
    private static readonly string[] Tokens =
    [
        "", "\"", "'", ";", ",", "\r", "\n", "\0", "\u001b[31m", "-1", "0", "1e400", "NaN", "2147483648", "3,5", "$(", ")", "@{", "}", "@(", "$env:HOME", "`", "& 'x'", "[int]1", "1..9", "$true", "#", "<#", "\ufeff", "@'", "1GB", "0xFF", "{}", "=1+1", "1kb", "5 * 5",
    ];

    /// <summary>As bytes, and one time in three as lines and words.</summary>
    public static byte[] Any(Random random, byte[] input)
    {
        if (random.Next(3) == 0)
        {
            return ByteMutations.Any(random, input);
        }

        var text = Encoding.UTF8.GetString(input);
        return Encoding.UTF8.GetBytes(random.Next(2) == 0 ? Lines(random, text) : Words(random, text));
    }

    private static string Lines(Random random, string text)
    {
        var lines = text.Split('\n').ToList();
        var at = random.Next(lines.Count);
        switch (random.Next(4))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.InsertRange(at, Enumerable.Repeat(lines[at], 1 << random.Next(10)));
                break;
            case 2:
                (lines[at], lines[0]) = (lines[0], lines[at]);
                break;
            default:
                lines[at] += lines[random.Next(lines.Count)];
                break;
        }

        return string.Join('\n', lines);
    }

    private static string Words(Random random, string text)
    {
        var token = random.Next(12) == 0 ? new string("({[\"x"[random.Next(5)], 1 << random.Next(4, 16)) : Tokens[random.Next(Tokens.Length)];
        var from = random.Next(text.Length + 1);
        var to = random.Next(2) == 0 ? from : Math.Min(text.Length, from + random.Next(12));
        return text[..from] + token + text[to..];
    }
}
