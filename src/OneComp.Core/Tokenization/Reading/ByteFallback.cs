namespace OneComp.Tokenization.Reading;

/// <summary>The tokens that stand for single bytes: &lt;0x00&gt; to &lt;0xFF&gt;.</summary>
internal static class ByteFallback
{
    /// <summary>Whether a token stands for a byte.</summary>
    public static bool IsByte(string token) => token is ['<', '0', 'x', var high, var low, '>'] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low);

    /// <summary>The ids of the 256 bytes; null where one is missing, as then no character falls back to bytes.</summary>
    public static int[]? Ids(IReadOnlyDictionary<string, int> vocabulary)
    {
        var ids = new int[256];
        for (int b = 0; b < ids.Length; b++)
        {
            if (!vocabulary.TryGetValue($"<0x{b:X2}>", out ids[b]))
            {
                return null;
            }
        }

        return ids;
    }
}
