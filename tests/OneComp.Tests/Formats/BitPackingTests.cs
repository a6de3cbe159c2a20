using OneComp.Formats;

namespace OneComp.Tests.Formats;

public class BitPackingTests
{
    public static TheoryData<int, int> Sizes()
    {
        var data = new TheoryData<int, int>();
        foreach (var bits in Enumerable.Range(2, 7))
        {
            foreach (var count in (int[])[1, 7, 31, 32, 33, 64, 100, 127, 256])
            {
                data.Add(bits, count);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Values_come_back(int bits, int count)
    {
        var values = Random(bits, count);
        var words = Pack(values, bits);
        var back = new byte[count];
        BitPacking.Unpack(words, 1, bits, back);
        Assert.Equal(values, back);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_decoder_written_from_the_format_alone_reads_them(int bits, int count)
    {
        var values = Random(bits, count);
        Assert.Equal(values, Decode(Pack(values, bits), bits, count));
    }

    [Fact]
    public void Three_bit_codes_are_one_stream_of_96_bits_low_bits_first()
    {
        byte[] values = [.. Enumerable.Range(0, 32).Select(i => (byte)(i % 8))];
        // 7 6 5 4 3 2 1 0 as bits is 0xFAC688, four times over.
        Assert.Equal([unchecked((int)0x88FAC688), unchecked((int)0xC688FAC6), unchecked((int)0xFAC688FA)], Pack(values, 3));
    }

    [Fact]
    public void Four_bit_codes_lie_eight_to_a_word_low_bits_first() =>
        Assert.Equal(0x76543210, Pack([0, 1, 2, 3, 4, 5, 6, 7], 4)[0]);

    [Fact]
    public void Words_of_other_columns_between_are_left_alone()
    {
        byte[][] columns = [Random(3, 50), Random(3, 50, seed: 1)];
        var words = new int[BitPacking.WordCount(50, 3) * 2];
        BitPacking.Pack(columns[0], 3, words, 2);
        BitPacking.Pack(columns[1], 3, words.AsSpan(1), 2);

        for (var column = 0; column < 2; column++)
        {
            var back = new byte[50];
            BitPacking.Unpack(words.AsSpan(column), 2, 3, back);
            Assert.Equal(columns[column], back);
        }
    }

    [Theory]
    [InlineData(32, 3, 3)]
    [InlineData(33, 3, 6)]
    [InlineData(1, 4, 4)]
    [InlineData(128, 8, 32)]
    public void A_last_stream_takes_all_of_its_words(int count, int bits, int words) =>
        Assert.Equal(words, BitPacking.WordCount(count, bits));

    private static int[] Pack(byte[] values, int bits)
    {
        var words = new int[BitPacking.WordCount(values.Length, bits)];
        BitPacking.Pack(values, bits, words, 1);
        return words;
    }

    /// <summary>Bit j of value v is bit v·b + j of its stream; bit n of a stream is bit n mod 32 of word n / 32.</summary>
    private static byte[] Decode(int[] words, int bits, int count)
    {
        var values = new byte[count];
        for (var v = 0; v < count; v++)
        {
            for (var j = 0; j < bits; j++)
            {
                var bit = (v * bits) + j;
                values[v] |= (byte)(((words[bit / 32] >>> (bit % 32)) & 1) << j);
            }
        }

        return values;
    }

    private static byte[] Random(int bits, int count, int seed = 0)
    {
        var random = new Random((bits * 1000) + count + seed);
        return [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(1 << bits))];
    }
}
