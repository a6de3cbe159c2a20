namespace OneComp.Calibration;

/// <summary>One window from each document that is long enough: drop_head and drop_rand.</summary>
internal static class DocumentWindows
{
    /// <summary>The first window of each document.</summary>
    public static TokenWindows CutHeads(IEnumerable<string> documents, CalibrationOptions options, Func<string, int[]> encode) =>
        Gather(documents, options, document =>
        {
            using var one = Enumerable.Repeat(document, 1).GetEnumerator();
            return TokenPrefix.Encode(new JoinedText(one), options.MaxLength, encode);
        });

    /// <summary>A window of each document at a seeded random place.</summary>
    public static TokenWindows CutRandom(IEnumerable<string> documents, CalibrationOptions options, Func<string, int[]> encode)
    {
        var random = new Random(options.Seed); // a seeded Random gives the same numbers on every platform
        return Gather(documents, options, document =>
        {
            var ids = encode(document.Trim());
            var room = ids.Length - options.MaxLength;
            return room <= 0 ? ids : ids.AsSpan(random.Next(room + 1), options.MaxLength).ToArray();
        });
    }

    /// <param name="documents">The documents.</param>
    /// <param name="options">How many windows, how long.</param>
    /// <param name="window">A document's window; all its ids where they are fewer.</param>
    private static TokenWindows Gather(IEnumerable<string> documents, CalibrationOptions options, Func<string, int[]> window)
    {
        var ids = new List<int>();
        var read = 0;
        var taken = 0;
        foreach (var document in documents)
        {
            read++;
            var candidate = window(document);
            if (candidate.Length < options.MaxLength)
            {
                continue;
            }

            ids.AddRange(candidate);
            if (++taken == options.NumSamples)
            {
                return new TokenWindows([.. ids], options.MaxLength);
            }
        }

        throw new CalibrationException(
            CalibrationError.TooFewLongDocuments,
            options.Path,
            $"{taken} of the {read} documents in '{options.Path}' have {options.MaxLength} tokens or more; {options.Strategy} with " +
            $"NumSamples {options.NumSamples} needs {options.NumSamples}. Give more or longer documents, lower NumSamples or MaxLength, " +
            $"or use {nameof(CalibrationStrategy.ConcatChunkAlign)}, which joins documents.");
    }
}
