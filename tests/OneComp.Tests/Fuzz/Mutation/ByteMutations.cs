using System.Buffers.Binary;

namespace OneComp.Tests.Fuzz.Mutation;

/// <summary>Spoils bytes: flips, extreme numbers in the places of lengths, truncation, repetition, splices within.</summary>
internal static class ByteMutations
{
    private const int MostBytes = 1 << 20;

    private static readonly long[] Extremes =
    [
        0, 1, 2, 7, 8, 127, 128, 255, 256, 32767, 65535, 65536, 100_000_000, 100_000_001, int.MaxValue, int.MaxValue + 1L, uint.MaxValue, uint.MaxValue + 1L,
        long.MaxValue, long.MinValue, -1, -2, 1L << 40, 1L << 48, long.MaxValue - 7,
    ];

    public static byte[] Any(Random random, byte[] input)
    {
        if (input.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        return random.Next(9) switch
        {
            0 => Flip(random, input),
            1 => Set(random, input),
            2 => Number(random, input, random.Next(input.Length)),
            3 => Number(random, input, LengthField(random, input)),
            4 => input[..random.Next(input.Length)],
            5 => Remove(random, input),
            6 => Repeat(random, input),
            7 => Splice(random, input),
            _ => Insert(random, input),
        };
    }

    private static byte[] Flip(Random random, byte[] input)
    {
        var output = (byte[])input.Clone();
        for (var count = 1 + random.Next(4); count > 0; count--)
        {
            output[random.Next(output.Length)] ^= (byte)(1 << random.Next(8));
        }

        return output;
    }

    private static byte[] Set(Random random, byte[] input)
    {
        var output = (byte[])input.Clone();
        byte[] special = [0, 1, 0x7F, 0x80, 0xC0, 0xFF, (byte)'"', (byte)'\\', (byte)'{', (byte)'[', (byte)'\n', (byte)random.Next(256)];
        output[random.Next(output.Length)] = special[random.Next(special.Length)];
        return output;
    }

    private static byte[] Number(Random random, byte[] input, int at)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, Extremes[random.Next(Extremes.Length)] + (random.Next(4) == 0 ? random.Next(-2, 3) : 0));
        int[] widths = [1, 2, 4, 8];
        var output = (byte[])input.Clone();
        number[..Math.Min(widths[random.Next(widths.Length)], output.Length - at)].CopyTo(output.AsSpan(at));
        return output;
    }

    /// <summary>A place that looks like a length of 32 or 64 bits: a small number with zeros after it.</summary>
    private static int LengthField(Random random, byte[] input)
    {
        var start = random.Next(input.Length);
        for (var i = 0; i < input.Length; i++)
        {
            var at = (start + i) % input.Length;
            if (at + 4 <= input.Length && input[at] != 0 && input[at + 2] == 0 && input[at + 3] == 0)
            {
                return at;
            }
        }

        return start;
    }

    private static byte[] Remove(Random random, byte[] input)
    {
        var (at, count) = Range(random, input);
        return [.. input[..at], .. input[(at + count)..]];
    }

    private static byte[] Repeat(Random random, byte[] input)
    {
        var (at, count) = Range(random, input);
        var times = Math.Min(1 + random.Next(random.Next(8) == 0 ? 2000 : 4), Math.Max(1, (MostBytes - input.Length) / Math.Max(1, count)));
        var output = new List<byte>(input[..(at + count)]);
        for (; times > 0; times--)
        {
            output.AddRange(input.AsSpan(at, count));
        }

        output.AddRange(input.AsSpan(at + count));
        return [.. output];
    }

    private static byte[] Splice(Random random, byte[] input)
    {
        var (from, count) = Range(random, input);
        var output = (byte[])input.Clone();
        var to = random.Next(input.Length);
        input.AsSpan(from, Math.Min(count, input.Length - to)).CopyTo(output.AsSpan(to));
        return output;
    }

    private static byte[] Insert(Random random, byte[] input)
    {
        var extra = new byte[1 + random.Next(16)];
        random.NextBytes(extra);
        var at = random.Next(input.Length + 1);
        return [.. input[..at], .. extra, .. input[at..]];
    }

    private static (int At, int Count) Range(Random random, byte[] input)
    {
        var at = random.Next(input.Length);
        return (at, Math.Min(input.Length - at, 1 + random.Next(random.Next(3) == 0 ? input.Length : 16)));
    }
}
