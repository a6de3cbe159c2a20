namespace OneComp.Safetensors;

/// <summary>Which bytes of a tensor have been written: disjoint ranges in order, touching ones joined.</summary>
internal sealed class WrittenRanges
{
    private readonly List<(long Begin, long End)> _ranges = [];

    /// <summary>Bytes written, each counted once.</summary>
    public long Count => _ranges.Sum(range => range.End - range.Begin);

    public void Add(long begin, long end)
    {
        if (begin == end) return;
        int first = _ranges.FindIndex(range => range.End >= begin);
        if (first < 0) first = _ranges.Count;
        int next = first;
        for (; next < _ranges.Count && _ranges[next].Begin <= end; next++)
        {
            begin = Math.Min(begin, _ranges[next].Begin);
            end = Math.Max(end, _ranges[next].End);
        }

        _ranges.RemoveRange(first, next - first);
        _ranges.Insert(first, (begin, end));
    }
}
