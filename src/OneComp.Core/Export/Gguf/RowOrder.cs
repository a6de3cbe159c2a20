namespace OneComp.Export.Gguf;

/// <summary>The order in which llama.cpp has the rows of q and k: each head's halves interleaved.</summary>
internal static class RowOrder
{
    /// <summary>The row of the source that stands at <paramref name="row"/> in the file.</summary>
    /// <param name="row">A row of the file.</param>
    /// <param name="head">Rows of a head; 0 for rows that keep their order.</param>
    public static int Source(int row, int head)
    {
        if (head == 0)
        {
            return row;
        }

        var inHead = row % head;
        return row - inHead + (inHead % 2 * (head / 2)) + (inHead / 2);
    }
}
