namespace OneComp.Calibration;

/// <summary>The first ids of a text, without encoding much more of the text than gives them.</summary>
internal static class TokenPrefix
{
    // English has 4 to 5 characters a token; what this misses costs a second pass over twice the text.
    private const long CharsPerToken = 6;

    // Where a text is cut the last tokens differ from those of the whole text (and a tokenizer may add an end token): so many are not used.
    private const int Margin = 64;

    /// <summary>
    /// Encodes the start of the text. The ids are those of the whole text as long as no merge reaches over 64 tokens, which
    /// tokenizers that split at words never do.
    /// </summary>
    /// <returns>The first <paramref name="count"/> ids; all ids, fewer than that, where the text has no more.</returns>
    public static int[] Encode(JoinedText text, int count, Func<string, int[]> encode)
    {
        for (var chars = CharsPerToken * ((long)count + Margin); ; chars *= 2)
        {
            var limit = (int)Math.Min(chars, JoinedText.MaxChars);
            var whole = !text.Fill(limit);
            var ids = encode(text.ToString());
            if (whole || limit == JoinedText.MaxChars || ids.Length >= (long)count + Margin)
            {
                return ids.Length > count ? ids[..count] : ids;
            }
        }
    }
}
