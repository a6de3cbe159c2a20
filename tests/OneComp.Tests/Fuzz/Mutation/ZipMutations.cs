using System.IO.Compression;

namespace OneComp.Tests.Fuzz.Mutation;

/// <summary>Spoils packed files: the content of a zip's entries, their names and number, and the packed bytes themselves.</summary>
internal static class ZipMutations
{
    private const int BombBytes = 48 << 20;

    public static byte[] Any(Random random, byte[] input)
    {
        if (random.Next(4) == 0)
        {
            return ByteMutations.Any(random, input);
        }

        try
        {
            return Rewrite(random, input);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or ArgumentException or NotSupportedException)
        {
            return ByteMutations.Any(random, input);
        }
    }

    /// <summary>A gzip stream with its content spoiled.</summary>
    public static byte[] GZip(Random random, byte[] input, Func<Random, byte[], byte[]> content)
    {
        if (random.Next(3) == 0)
        {
            return ByteMutations.Any(random, input);
        }

        try
        {
            using var packed = new GZipStream(new MemoryStream(input), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            packed.CopyTo(plain);
            return Pack(content(random, plain.ToArray()));
        }
        catch (InvalidDataException)
        {
            return ByteMutations.Any(random, input);
        }
    }

    /// <summary>Bytes as a gzip stream.</summary>
    public static byte[] Pack(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    private static byte[] Rewrite(Random random, byte[] input)
    {
        using var source = new ZipArchive(new MemoryStream(input), ZipArchiveMode.Read);
        var chosen = random.Next(Math.Max(1, source.Entries.Count));
        var change = random.Next(8);
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < source.Entries.Count; i++)
            {
                var content = Content(source.Entries[i]);
                var name = source.Entries[i].FullName;
                if (i == chosen)
                {
                    switch (change)
                    {
                        case 0: continue;
                        case 1: Add(archive, name, content); break; // and once more below
                        case 2: name = "../" + name; break;
                        case 3: content = XmlMutations.Any(random, [.. content, .. new byte[random.Next(20) == 0 ? BombBytes : 0]]); break;
                        default: content = XmlMutations.Any(random, content); break;
                    }
                }

                Add(archive, name, content);
            }
        }

        return target.ToArray();
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        using var stream = archive.CreateEntry(name, CompressionLevel.Fastest).Open();
        stream.Write(content);
    }
}
