using System.Buffers.Binary;
using System.Text;

namespace OneComp.Build;

/// <summary>
/// The symbol versions that a shared library asks of others: section .gnu.version_r of an ELF64 little-endian file
/// (System V ABI, "Symbol Versioning", Linux Standard Base).
/// </summary>
public sealed class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort WeakFlag = 2; // VER_FLG_WEAK: the loader warns instead of failing when the version is absent
    private readonly byte[] _image;

    /// <summary>Wraps a file's bytes, which <see cref="Weaken"/> changes in place.</summary>
    /// <exception cref="InvalidDataException">Not an ELF64 little-endian file.</exception>
    public ElfVersionNeeds(byte[] image)
    {
        ReadOnlySpan<byte> elf64LittleEndian = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1];
        if (image.Length < 64 || !image.AsSpan().StartsWith(elf64LittleEndian))
        {
            throw new InvalidDataException("not an ELF64 little-endian file");
        }

        _image = image;
    }

    /// <summary>Marks every need of <paramref name="version"/> as weak.</summary>
    /// <returns>The needs that changed: zero where the version is absent or already weak.</returns>
    /// <exception cref="InvalidDataException">A table points outside the file.</exception>
    public int Weaken(string version)
    {
        var changed = 0;
        foreach (var (nameOffset, flagsOffset) in Needs())
        {
            var flags = BinaryPrimitives.ReadUInt16LittleEndian(At(flagsOffset, 2));
            if (ReadName(nameOffset) == version && (flags & WeakFlag) == 0)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(At(flagsOffset, 2), (ushort)(flags | WeakFlag));
                changed++;
            }
        }

        return changed;
    }

    /// <summary>File offsets of each need's name and flags.</summary>
    private List<(long Name, long Flags)> Needs()
    {
        var needs = new List<(long, long)>();
        var table = ReadInt64(0x28);                       // e_shoff
        var entrySize = ReadUInt16(0x3a);                  // e_shentsize
        var count = ReadUInt16(0x3c);                      // e_shnum
        for (var i = 0; i < count; i++)
        {
            var section = table + ((long)i * entrySize);
            if (ReadUInt32(section + 4) != SectionTypeVersionNeed)
            {
                continue;
            }

            var strings = ReadInt64(table + (ReadUInt32(section + 0x28) * (long)entrySize) + 0x18); // sh_link's sh_offset
            var need = ReadInt64(section + 0x18);          // sh_offset: Elf64_Verneed
            while (true)
            {
                var aux = need + ReadUInt32(need + 8);     // vn_aux: Elf64_Vernaux
                for (var left = ReadUInt16(need + 2); left > 0; left--)
                {
                    needs.Add((strings + ReadUInt32(aux + 8), aux + 4));
                    aux += ReadUInt32(aux + 12);           // vna_next
                }

                var next = ReadUInt32(need + 12);          // vn_next
                if (next == 0)
                {
                    break;
                }

                need += next;
            }
        }

        return needs;
    }

    private string ReadName(long offset)
    {
        var bytes = At(offset, 1, toEnd: true);
        var end = bytes.IndexOf((byte)0);
        return end < 0 ? throw new InvalidDataException("a name runs past the file's end") : Encoding.ASCII.GetString(bytes[..end]);
    }

    private long ReadInt64(long offset) => BinaryPrimitives.ReadInt64LittleEndian(At(offset, 8));

    private uint ReadUInt32(long offset) => BinaryPrimitives.ReadUInt32LittleEndian(At(offset, 4));

    private ushort ReadUInt16(long offset) => BinaryPrimitives.ReadUInt16LittleEndian(At(offset, 2));

    private Span<byte> At(long offset, int length, bool toEnd = false) =>
        offset < 0 || offset > _image.Length - length
            ? throw new InvalidDataException($"a table points to byte {offset} of a file of {_image.Length}")
            : toEnd ? _image.AsSpan((int)offset) : _image.AsSpan((int)offset, length);
}
