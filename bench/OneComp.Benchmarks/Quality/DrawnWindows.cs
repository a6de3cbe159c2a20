using System.Runtime.InteropServices;
using OneComp.Safetensors;
using OneComp.Tokenization;

namespace OneComp.Benchmarks.Quality;

/// <summary>Windows of token ids cut from a text, in a file that calibration and evaluation read.</summary>
internal static class DrawnWindows
{
    public const string TensorName = "input_ids";

    /// <summary>Windows at places drawn with a seed; they may overlap.</summary>
    /// <returns>The file, <paramref name="name"/> in <paramref name="folder"/>.</returns>
    public static string Draw(string model, string text, int windows, int length, int seed, string folder, string name)
    {
        var random = new Random(seed);
        var ids = Encode(model, text, length);
        return Write([.. Enumerable.Range(0, windows).Select(_ => random.Next(ids.Length - length + 1))], ids, length, folder, name);
    }

    /// <summary>Windows that are spread evenly over a text.</summary>
    /// <returns>The file, <paramref name="name"/> in <paramref name="folder"/>.</returns>
    public static string Spread(string model, string text, int windows, int length, string folder, string name)
    {
        var ids = Encode(model, text, length);
        var most = Math.Min(windows, ids.Length / length);
        return Write([.. Enumerable.Range(0, most).Select(i => (int)((long)(ids.Length - length) * i / Math.Max(1, most - 1)))], ids, length, folder, name);
    }

    private static int[] Encode(string model, string text, int length)
    {
        var ids = TokenizerLoader.Load(model).Encode(File.ReadAllText(text));
        return ids.Length > length ? ids : throw new ArgumentException($"{text} has {ids.Length} tokens, a window {length}");
    }

    private static string Write(int[] starts, int[] ids, int length, string folder, string name)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, name);
        int[] rows = [.. starts.SelectMany(start => ids.AsSpan(start, length).ToArray())];
        using var writer = SafetensorsWriter.Create(path, [new TensorSpec(TensorName, DType.I32, [starts.Length, length])]);
        writer.Write(TensorName, MemoryMarshal.AsBytes<int>(rows));
        writer.Commit();
        return path;
    }
}
