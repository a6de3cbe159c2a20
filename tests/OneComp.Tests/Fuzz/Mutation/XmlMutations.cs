using System.Text;
using System.Text.RegularExpressions;

namespace OneComp.Tests.Fuzz.Mutation;

/// <summary>Spoils XML: attribute values, texts, tags removed, doubled or nested, entities and document types.</summary>
internal static partial class XmlMutations
{
    private static readonly string[] Values =
        ["", "0", "-1", "1e400", "NaN", "2147483648", "99999999999999999999", "ZZZ1", "A", "A1048577", "XFD1", "s", "inlineStr", "b", "e", "../x", "rId99", "&amp;", "\u0001", "3,5", "x\ny"];

    public static byte[] Any(Random random, byte[] input)
    {
        if (random.Next(4) == 0 || input.Length > 1 << 20)
        {
            return ByteMutations.Any(random, input);
        }

        var text = Encoding.UTF8.GetString(input);
        return Encoding.UTF8.GetBytes(random.Next(6) switch
        {
            0 => Replace(random, text, Attribute(), found => found[..(found.IndexOf('"', StringComparison.Ordinal) + 1)] + Values[random.Next(Values.Length)] + "\""),
            1 => Replace(random, text, Content(), _ => ">" + Values[random.Next(Values.Length)] + "<"),
            2 => Replace(random, text, Tag(), _ => ""),
            3 => Replace(random, text, Tag(), found => string.Concat(Enumerable.Repeat(found, 1 << random.Next(12)))),
            4 => Replace(random, text, Element(), found => string.Concat(Enumerable.Repeat(found, 1 << random.Next(8)))),
            _ => "<!DOCTYPE r [<!ENTITY a \"" + new string('a', 100) + "\"><!ENTITY b \"&a;&a;&a;&a;\">]>" + text,
        });
    }

    private static string Replace(Random random, string text, Regex pattern, Func<string, string> change)
    {
        var matches = pattern.Matches(text);
        if (matches.Count == 0)
        {
            return text;
        }

        var match = matches[random.Next(matches.Count)];
        return string.Concat(text.AsSpan(0, match.Index), change(match.Value), text.AsSpan(match.Index + match.Length));
    }

    [GeneratedRegex("[a-zA-Z:]+=\"[^\"]*\"")]
    private static partial Regex Attribute();

    [GeneratedRegex(">[^<]+<")]
    private static partial Regex Content();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex("<(?<name>[a-z:]+)[^>]*>[^<]*</\\k<name>>")]
    private static partial Regex Element();
}
