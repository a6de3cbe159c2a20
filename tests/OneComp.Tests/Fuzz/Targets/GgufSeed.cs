using System.Text;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>A GGUF file by hand: metadata of every type, and two tensors.</summary>
internal static class GgufSeed
{
    private const int Alignment = 32;

    public static byte[] Make()
    {
        using var bytes = new MemoryStream();
        using var file = new BinaryWriter(bytes);
        file.Write("GGUF"u8);
        file.Write(3u);
        file.Write(2ul);
        file.Write(9ul);
        Text(file, "general.architecture", "llama");
        Text(file, "tokenizer.ggml.model", "gpt2");
        Key(file, "general.alignment", 4);
        file.Write((uint)Alignment);
        Key(file, "llama.block_count", 10);
        file.Write(1ul);
        Key(file, "f", 6);
        file.Write(1f);
        Key(file, "d", 12);
        file.Write(1d);
        Key(file, "flag", 7);
        file.Write((byte)1);
        Key(file, "tokenizer.ggml.tokens", 9);
        file.Write(8u);
        file.Write(2ul);
        Write(file, "a");
        Write(file, "b");
        Key(file, "lists", 9);
        file.Write(9u);
        file.Write(1ul);
        file.Write(0u);
        file.Write(3ul);
        file.Write(new byte[3]);
        Tensor(file, "token_embd.weight", [Alignment, 2], 2, 0);
        Tensor(file, "norm.weight", [8], 0, Alignment * 2);
        file.Write(new byte[(Alignment - (bytes.Position % Alignment)) % Alignment]);
        file.Write(new byte[96]);
        return bytes.ToArray();
    }

    private static void Tensor(BinaryWriter file, string name, ulong[] shape, uint type, ulong offset)
    {
        Write(file, name);
        file.Write((uint)shape.Length);
        foreach (var size in shape)
        {
            file.Write(size);
        }

        file.Write(type);
        file.Write(offset);
    }

    private static void Text(BinaryWriter file, string key, string value)
    {
        Key(file, key, 8);
        Write(file, value);
    }

    private static void Key(BinaryWriter file, string key, uint type)
    {
        Write(file, key);
        file.Write(type);
    }

    private static void Write(BinaryWriter file, string text)
    {
        file.Write((ulong)text.Length);
        file.Write(Encoding.UTF8.GetBytes(text));
    }
}
