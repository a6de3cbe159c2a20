using System.Globalization;
using System.Runtime.InteropServices;
using OneComp.Runtime;
using OneComp.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// Hidden states in a safetensors file: <c>full</c>, those of the full-precision model, and with error propagation <c>quantized</c>, each
/// (windows, tokens, hidden), and <c>samples</c>, the numbers of those windows, from which some may have been left out. Written and read a
/// batch at a time.
/// </summary>
internal static unsafe class StatesFile
{
    private const string Full = "full";
    private const string Quantized = "quantized";
    private const string Samples = "samples";
    private const string Blocks = "blocks";

    /// <summary>Writes states, whole or not at all, and to the disk.</summary>
    /// <param name="path">The file.</param>
    /// <param name="blocks">Blocks that the states have gone through.</param>
    /// <param name="full">Of the full-precision model.</param>
    /// <param name="quantized">Of the model quantized so far; null without error propagation.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="SafetensorsException">Writing failed.</exception>
    public static void Write(string path, int blocks, HiddenStates full, HiddenStates? quantized, CancellationToken token)
    {
        var type = TypeOf(full.Peek(0).dtype);
        var (length, hidden) = (full.Peek(0).shape[1], full.Peek(0).shape[2]);
        int[] samples = [.. Enumerable.Range(0, full.Count).SelectMany(full.Samples)];
        var windows = (long)samples.Length;
        TensorSpec[] tensors = [new(Samples, DType.I32, [windows]), new(Full, type, [windows, length, hidden]), .. quantized is null ? Array.Empty<TensorSpec>() : [new(Quantized, type, [windows, length, hidden])]];
        using var writer = SafetensorsWriter.Create(path, tensors, new Dictionary<string, string> { [Blocks] = blocks.ToString(CultureInfo.InvariantCulture) });
        writer.Write(Samples, MemoryMarshal.AsBytes<int>(samples));
        Write(writer, Full, full, token);
        if (quantized is not null)
        {
            Write(writer, Quantized, quantized, token);
        }

        token.ThrowIfCancellationRequested();
        writer.Commit();
    }

    /// <summary>Reads states.</summary>
    /// <param name="path">The file.</param>
    /// <param name="blocks">Blocks that they must have gone through.</param>
    /// <param name="windows">The windows that they must be of.</param>
    /// <param name="hidden">Width of the model.</param>
    /// <param name="propagated">Whether both are to be there.</param>
    /// <param name="placement">Where to work with them.</param>
    /// <param name="type">Type to work in.</param>
    /// <param name="token">Asked before each batch.</param>
    /// <exception cref="SafetensorsException">The file breaks a rule of its format.</exception>
    /// <exception cref="InvalidDataException">It is not what was expected; the message ends without a full stop.</exception>
    public static (HiddenStates Full, HiddenStates? Quantized) Read(
        string path, int blocks, TokenWindows windows, int hidden, bool propagated, StatesPlacement placement, ScalarType type, CancellationToken token)
    {
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(Blocks) != blocks.ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidDataException($"'{path}' holds states after {file.Metadata.GetValueOrDefault(Blocks) ?? "unknown"} blocks, expected {blocks}");
        }

        var full = Read(file, Full, windows, hidden, placement, type, token);
        try
        {
            return (full, propagated ? Read(file, Quantized, windows, hidden, placement, type, token) : null);
        }
        catch
        {
            full.Dispose();
            throw;
        }
    }

    private static void Write(SafetensorsWriter writer, string name, HiddenStates states, CancellationToken token)
    {
        long offset = 0;
        for (var i = 0; i < states.Count; i++)
        {
            token.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var batch = states.Peek(i).cpu().contiguous();
            var bytes = batch.numel() * batch.element_size();
            var data = TensorMemory.PointerOf(batch);
            for (long at = 0; at < bytes; at += int.MaxValue)
            {
                writer.Write(name, offset + at, new ReadOnlySpan<byte>(data + at, (int)Math.Min(int.MaxValue, bytes - at)));
            }

            offset += bytes;
        }
    }

    private static HiddenStates Read(SafetensorsFile file, string name, TokenWindows windows, int hidden, StatesPlacement placement, ScalarType type, CancellationToken token)
    {
        var entry = file.Require(name);
        var samples = SamplesOf(file, windows.Count);
        if (!entry.Shape.SequenceEqual([samples.Length, windows.Length, hidden]) || entry.DType is not (DType.F32 or DType.F16 or DType.BF16))
        {
            throw new InvalidDataException($"'{name}' of '{file.Path}' is {DTypes.NameOf(entry.DType)} [{string.Join(", ", entry.Shape)}], expected floating-point [{samples.Length}, {windows.Length}, {hidden}]");
        }

        var perBatch = placement.WindowsPerBatch(windows.Length);
        var batches = new int[(windows.Count + perBatch - 1) / perBatch][];
        var starts = new int[batches.Length];
        for (var i = 0; i < batches.Length; i++)
        {
            batches[i] = [.. samples.Where(sample => sample / perBatch == i)];
            starts[i] = i == 0 ? 0 : starts[i - 1] + batches[i - 1].Length;
        }

        var window = entry.ByteCount / samples.Length;
        return HiddenStates.Make(batches, placement, (long)samples.Length * windows.Length * hidden * type.ElementSize(), i => Batch(i).to(type), token);

        Tensor Batch(int index)
        {
            var batch = empty(batches[index].Length, windows.Length, hidden, dtype: TypeOf(entry.DType));
            if (batches[index].Length > 0)
            {
                file.Copy(entry, starts[index] * window, TensorMemory.PointerOf(batch), batches[index].Length * window);
            }

            return batch;
        }
    }

    private static int[] SamplesOf(SafetensorsFile file, int windows)
    {
        var samples = file.ReadInt32(file.Require(Samples));
        return samples.Length > 0 && samples[0] >= 0 && samples[^1] < windows && samples.Zip(samples.Skip(1)).All(pair => pair.First < pair.Second)
            ? samples
            : throw new InvalidDataException($"'{Samples}' of '{file.Path}' does not hold numbers of the {windows} windows in order");
    }

    private static DType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float16 => DType.F16,
        ScalarType.BFloat16 => DType.BF16,
        _ => DType.F32,
    };

    private static ScalarType TypeOf(DType type) => type switch
    {
        DType.F16 => ScalarType.Float16,
        DType.BF16 => ScalarType.BFloat16,
        _ => ScalarType.Float32,
    };
}
