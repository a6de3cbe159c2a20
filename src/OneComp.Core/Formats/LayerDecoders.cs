using OneComp.Formats.CompressedTensors;
using OneComp.Formats.Dbf;
using OneComp.Formats.Gptq;
using OneComp.Models;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Formats;

/// <summary>Several readers as one: each layer goes to the first that knows its tensors.</summary>
internal sealed class LayerDecoders : IWeightDecoder
{
    // checkpoint_format of ours and of the writers of gptq; others mean another layout under the same method.
    private static readonly string?[] KnownLayouts = [null, "gptq", "gptq_v2", "dbf"];

    private static readonly string[] KnownMethods =
    [
        GptqFormat.Instance.Method, DbfFormat.Instance.Method, QuantizationConfig.MixedMethod, QuantizationConfig.MixedDbfMethod,
        PackedFormat.Instance.Method,
    ];

    private readonly IReadOnlyList<LayerReader> _readers;

    private LayerDecoders(params IReadOnlyList<LayerReader> readers) => _readers = readers;

    /// <summary>No readers: every layer is a plain tensor.</summary>
    public static LayerDecoders None { get; } = new();

    /// <summary>The readers for a checkpoint's quantization_config.</summary>
    /// <exception cref="QuantizedFormatException">Its method or layout is not read here; the message names it.</exception>
    public static LayerDecoders For(QuantizationSettings settings, string folder)
    {
        if (!KnownMethods.Contains(settings.Method))
        {
            throw Unknown(folder, $"{Quoted.Text(settings.Method ?? "(no quant_method)")}, which this version does not read. Known: {string.Join(", ", KnownMethods)}");
        }

        if (settings.Method == PackedFormat.Instance.Method)
        {
            return new LayerDecoders(new PackedReader(PackedSchemes.Read(settings.Raw, folder)));
        }

        return KnownLayouts.Contains(settings.CheckpointFormat)
            ? new LayerDecoders(new GptqWeightDecoder(settings.CheckpointFormat == "gptq_v2" ? 0 : 1, settings), new DbfWeightDecoder(settings))
            : throw Unknown(folder, $"{settings.Method} in the layout {Quoted.Text(settings.CheckpointFormat!)}, which this version does not read. Known: gptq, gptq_v2 and dbf");
    }

    /// <summary>The reader that knows a layer; null where it is a plain tensor.</summary>
    public LayerReader? ReaderOf(Checkpoint checkpoint, LinearLayer layer) => _readers.FirstOrDefault(reader => reader.CanDecode(checkpoint, layer));

    /// <inheritdoc/>
    public bool CanDecode(Checkpoint checkpoint, LinearLayer layer) => ReaderOf(checkpoint, layer) is not null;

    /// <inheritdoc/>
    public Tensor Decode(Checkpoint checkpoint, LinearLayer layer) => ReaderOf(checkpoint, layer)!.Decode(checkpoint, layer);

    private static QuantizedFormatException Unknown(string folder, string what) =>
        new(QuantizedFormatError.UnknownMethod, folder, $"{folder}: quantized by {what}.");
}
