namespace OneComp.Evaluation;

/// <summary>A stretch of tokens, and from where on its tokens count.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="FirstScored">The first token whose prediction counts; those before it are context.</param>
internal sealed record EvaluationWindow(int[] Ids, int FirstScored)
{
    /// <summary>Tokens that count.</summary>
    public int Scored => Ids.Length - FirstScored;

    /// <summary>
    /// Windows of <paramref name="maxLength"/> tokens that start every <paramref name="stride"/>; each token counts once, in the
    /// first window that holds it, except the first token of a window without context.
    /// </summary>
    public static IReadOnlyList<EvaluationWindow> Of(ReadOnlySpan<int> ids, int maxLength, int stride)
    {
        var windows = new List<EvaluationWindow>();
        var scored = 0;
        for (var start = 0; scored < ids.Length; start += stride)
        {
            var end = Math.Min(start + maxLength, ids.Length);
            var first = Math.Max(scored - start, 1);
            if (end - start > first)
            {
                windows.Add(new EvaluationWindow(ids[start..end].ToArray(), first));
            }

            scored = end;
        }

        return windows;
    }
}
