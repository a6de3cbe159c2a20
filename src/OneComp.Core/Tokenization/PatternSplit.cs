namespace OneComp.Tokenization;

/// <summary>Cuts a piece at the matches of a pattern.</summary>
internal sealed class PatternSplit(TextPattern pattern, SplitBehavior behavior, bool invert)
{
    /// <summary>Adds the parts of <paramref name="piece"/> to <paramref name="pieces"/>.</summary>
    public void Split(TextPiece piece, List<TextPiece> pieces)
    {
        foreach ((int start, int end) in Arrange(Parts(piece.Text)))
        {
            pieces.Add(new(piece.Text[start..end], piece.AtStart && start == 0));
        }
    }

    // The whole text in order, each part with whether it counts as a match.
    private List<(int Start, int End, bool IsMatch)> Parts(string text)
    {
        var parts = new List<(int, int, bool)>();
        int done = 0;
        foreach ((int start, int end) in pattern.Matches(text))
        {
            if (start > done)
            {
                parts.Add((done, start, invert));
            }

            parts.Add((start, end, !invert));
            done = end;
        }

        if (done < text.Length)
        {
            parts.Add((done, text.Length, invert));
        }

        return parts;
    }

    private IEnumerable<(int Start, int End)> Arrange(List<(int Start, int End, bool IsMatch)> parts) => behavior switch
    {
        SplitBehavior.Removed => parts.Where(part => !part.IsMatch).Select(part => (part.Start, part.End)),
        SplitBehavior.Isolated => parts.Select(part => (part.Start, part.End)),
        // Of several matches in a row only the first joins the text before them.
        SplitBehavior.MergedWithPrevious => Join(parts, (before, part) => part.IsMatch && !before.IsMatch),
        SplitBehavior.MergedWithNext => Join(parts, (before, part) => before.IsMatch && !part.IsMatch),
        SplitBehavior.Contiguous => Join(parts, (before, part) => before.IsMatch == part.IsMatch),
        _ => throw new InvalidOperationException($"no such behavior: {behavior}"),
    };

    private static List<(int Start, int End)> Join(
        List<(int Start, int End, bool IsMatch)> parts,
        Func<(int Start, int End, bool IsMatch), (int Start, int End, bool IsMatch), bool> belongTogether)
    {
        var joined = new List<(int Start, int End)>();
        for (int i = 0; i < parts.Count; i++)
        {
            if (i > 0 && belongTogether(parts[i - 1], parts[i]))
            {
                joined[^1] = (joined[^1].Start, parts[i].End);
            }
            else
            {
                joined.Add((parts[i].Start, parts[i].End));
            }
        }

        return joined;
    }
}
