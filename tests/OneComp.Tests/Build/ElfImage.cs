using System.Buffers.Binary;
using System.Text;

namespace OneComp.Tests.Build;

/// <summary>The smallest ELF64 shared library that asks for symbol versions: two sections, version needs and their names.</summary>
internal static class ElfImage
{
    public const int StringsAt = 64;
    private const int NeedsAt = 128;
    private const int SectionsAt = 256;
    private const int SectionSize = 64;

    /// <summary>Where the flags of the n-th version need are.</summary>
    public static int FlagsAt(int need) => NeedsAt + 16 + (16 * need) + 4;

    public static byte[] With(params string[] versions)
    {
        var image = new byte[SectionsAt + (3 * SectionSize)];
        byte[] magic = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(image, 0);
        BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(0x28), SectionsAt);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3a), SectionSize);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x3c), 3); // the null section, the strings, the needs

        Section(image, index: 1, type: 3, at: StringsAt, link: 0);
        Section(image, index: 2, type: 0x6ffffffe, at: NeedsAt, link: 1);

        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(NeedsAt), 1);                              // vn_version
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(NeedsAt + 2), (ushort)versions.Length);    // vn_cnt
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(NeedsAt + 8), 16);                         // vn_aux
        var name = 1;
        for (var i = 0; i < versions.Length; i++)
        {
            var aux = NeedsAt + 16 + (16 * i);
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(aux + 8), (uint)name);                 // vna_name
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(aux + 12), i + 1 < versions.Length ? 16u : 0); // vna_next
            Encoding.ASCII.GetBytes(versions[i], image.AsSpan(StringsAt + name));
            name += versions[i].Length + 1;
        }

        return image;
    }

    private static void Section(byte[] image, int index, uint type, int at, uint link)
    {
        var section = image.AsSpan(SectionsAt + (index * SectionSize));
        BinaryPrimitives.WriteUInt32LittleEndian(section[4..], type);
        BinaryPrimitives.WriteInt64LittleEndian(section[0x18..], at);
        BinaryPrimitives.WriteUInt32LittleEndian(section[0x28..], link);
    }
}
