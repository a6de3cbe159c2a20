namespace OneComp.Formats;

/// <summary>
/// Codes of 2 to 8 bits in 32-bit words: every 32 values are one stream of bits, low bits first, that fills as many words as a
/// code has bits. For 2, 4 and 8 bits that is whole codes side by side in each word; for 3 bits the 96-bit stream of gptq v1.
/// </summary>
internal static class BitPacking
{
    /// <summary>Values to a stream, which take as many words as a code has bits.</summary>
    public const int ValuesPerStream = 32;

    /// <summary>Words that <paramref name="count"/> values take; a last stream that is not full takes all of its words.</summary>
    public static int WordCount(int count, int bits) => (count + ValuesPerStream - 1) / ValuesPerStream * bits;

    /// <summary>Words that the bits of <paramref name="count"/> values fill, the last stream not filled up.</summary>
    public static int LeastWordCount(int count, int bits) => (int)((((long)count * bits) + 31) / 32);

    /// <summary>Packs values, word j of the result at <c>words[j * stride]</c>.</summary>
    public static void Pack(ReadOnlySpan<byte> values, int bits, Span<int> words, int stride)
    {
        for (int first = 0, word = 0; first < values.Length; first += ValuesPerStream, word += bits)
        {
            PackStream(values[first..Math.Min(first + ValuesPerStream, values.Length)], bits, words[(word * stride)..], stride);
        }
    }

    /// <summary>Undoes <see cref="Pack"/>.</summary>
    public static void Unpack(ReadOnlySpan<int> words, int stride, int bits, Span<byte> values)
    {
        for (int first = 0, word = 0; first < values.Length; first += ValuesPerStream, word += bits)
        {
            UnpackStream(words[(word * stride)..], stride, bits, values[first..Math.Min(first + ValuesPerStream, values.Length)]);
        }
    }

    private static void PackStream(ReadOnlySpan<byte> values, int bits, Span<int> words, int stride)
    {
        if (ValuesPerStream % bits == 0)
        {
            PackWords(values, bits, words, stride);
            return;
        }

        ulong pending = 0;
        int held = 0, word = 0;
        foreach (var value in values)
        {
            pending |= (ulong)value << held;
            held += bits;
            if (held >= 32)
            {
                words[word++ * stride] = (int)(uint)pending;
                pending >>= 32;
                held -= 32;
            }
        }

        for (; word < bits; word++)
        {
            words[word * stride] = (int)(uint)pending;
            pending >>= 32;
        }
    }

    private static void UnpackStream(ReadOnlySpan<int> words, int stride, int bits, Span<byte> values)
    {
        if (ValuesPerStream % bits == 0)
        {
            UnpackWords(words, stride, bits, values);
            return;
        }

        ulong pending = 0;
        int held = 0, word = 0;
        var mask = (1u << bits) - 1;
        for (var i = 0; i < values.Length; i++)
        {
            if (held < bits)
            {
                pending |= (ulong)(uint)words[word++ * stride] << held;
                held += 32;
            }

            values[i] = (byte)(pending & mask);
            pending >>= bits;
            held -= bits;
        }
    }

    // Whole codes side by side in each word: what most layers have.
    private static void PackWords(ReadOnlySpan<byte> values, int bits, Span<int> words, int stride)
    {
        var perWord = ValuesPerStream / bits;
        for (var word = 0; word < bits; word++)
        {
            var packed = 0u;
            for (var i = Math.Min(perWord, values.Length - (word * perWord)) - 1; i >= 0; i--)
            {
                packed = (packed << bits) | values[(word * perWord) + i];
            }

            words[word * stride] = (int)packed;
        }
    }

    private static void UnpackWords(ReadOnlySpan<int> words, int stride, int bits, Span<byte> values)
    {
        var (perWord, mask) = (ValuesPerStream / bits, (1u << bits) - 1);
        for (int first = 0, word = 0; first < values.Length; first += perWord, word++)
        {
            var packed = (uint)words[word * stride];
            foreach (ref var value in values[first..Math.Min(first + perWord, values.Length)])
            {
                value = (byte)(packed & mask);
                packed >>= bits;
            }
        }
    }
}
