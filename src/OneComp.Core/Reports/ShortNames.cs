namespace OneComp.Reports;

/// <summary>Shortens dotted module names to what tells them apart.</summary>
internal static class ShortNames
{
    /// <summary>
    /// The last part of each name; where that is not unique, as many parts more as it takes: <c>self_attn.q_proj</c> becomes <c>q_proj</c>, and
    /// the experts of a block <c>0.up_proj</c> and <c>1.up_proj</c>.
    /// </summary>
    /// <param name="names">Distinct names.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> names)
    {
        int parts = 1;
        var shortened = names.ToArray();
        var open = Enumerable.Range(0, names.Count).ToList();
        while (open.Count > 0)
        {
            foreach (int index in open)
            {
                shortened[index] = Tail(names[index], parts);
            }

            var count = shortened.CountBy(name => name).ToDictionary();
            open.RemoveAll(index => count[shortened[index]] == 1 || shortened[index].Length == names[index].Length);
            parts++;
        }

        return shortened;
    }

    private static string Tail(string name, int parts)
    {
        int start = name.Length;
        while (parts-- > 0 && start > 0)
        {
            start = name.LastIndexOf('.', start - 1);
        }

        return start <= 0 ? name : name[(start + 1)..];
    }
}
