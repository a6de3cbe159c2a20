using System.Buffers.Binary;

namespace OneComp.Tests.Fuzz.Mutation;

/// <summary>Spoils safetensors files: mostly the header's JSON under a length that fits, else the length or any bytes.</summary>
internal static class SafetensorsMutations
{
    private const int Prefix = sizeof(long);

    public static byte[] Any(Random random, byte[] input)
    {
        var length = input.Length < Prefix ? -1 : BinaryPrimitives.ReadInt64LittleEndian(input);
        if (length < 0 || length > input.Length - Prefix || random.Next(4) == 0)
        {
            return ByteMutations.Any(random, input);
        }

        var (header, data) = (input[Prefix..(Prefix + (int)length)], input[(Prefix + (int)length)..]);
        switch (random.Next(6))
        {
            case 0 when data.Length > 0:
                data = ByteMutations.Any(random, data);
                break;
            default:
                header = JsonMutations.Any(random, header);
                break;
        }

        return File(header, data);
    }

    /// <summary>A file of this header and data.</summary>
    public static byte[] File(byte[] header, byte[] data)
    {
        var output = new byte[Prefix + header.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(output, header.Length);
        header.CopyTo(output, Prefix);
        data.CopyTo(output, Prefix + header.Length);
        return output;
    }
}
