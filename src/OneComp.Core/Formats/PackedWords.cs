using System.Buffers;
using System.Runtime.InteropServices;
using OneComp.Safetensors;

namespace OneComp.Formats;

/// <summary>A tensor of 32-bit words in memory that is used again: fresh pages for each layer cost more than unpacking it.</summary>
internal sealed class PackedWords : IDisposable
{
    private readonly int[] _words;
    private readonly int _count;

    private PackedWords(int count) => (_words, _count) = (ArrayPool<int>.Shared.Rent(count), count);

    /// <summary>The words.</summary>
    public Memory<int> Words => _words.AsMemory(0, _count);

    /// <summary>Room for words that are all going to be written.</summary>
    public static PackedWords Rent(int count) => new(count);

    /// <summary>Reads an I32 tensor.</summary>
    public static PackedWords Read(Checkpoint checkpoint, TensorEntry entry)
    {
        var words = new PackedWords(checked((int)entry.ElementCount));
        checkpoint.CopyTo(entry, MemoryMarshal.AsBytes(words.Words.Span));
        return words;
    }

    public void Dispose() => ArrayPool<int>.Shared.Return(_words);
}
