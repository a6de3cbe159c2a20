using System.Runtime.InteropServices;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Quantization.Grids;
using OneComp.Runtime;
using OneComp.Safetensors;

namespace OneComp.Export.Gguf;

/// <summary>Writes one GGUF file from a quantized model, tensor by tensor.</summary>
internal sealed class GgufExport
{
    private readonly QuantizedModel _source;
    private readonly ExportOptions _options;
    private readonly GgufLayout _layout;
    private readonly Dictionary<string, GgufTensorType?> _exactTypes;

    public GgufExport(QuantizedModel source, ExportOptions options)
    {
        (_source, _options) = (source, options);
        _exactTypes = source.Layers.ToDictionary(layer => layer.WeightName, layer => source.GridOf(layer) is { } grid ? GridType.Of(grid) : null);
        _layout = new GgufLayout(source.Model.Config, source.Model.Topology, _exactTypes, options);
    }

    /// <summary>Writes the file.</summary>
    /// <returns>Quantized layers that the file holds exactly.</returns>
    /// <exception cref="ExportException">The tokenizer cannot be written, or a value does not fit.</exception>
    public int Write(string path, ExportProgress steps, CancellationToken token)
    {
        var metadata = _layout.Metadata();
        GgufNotes.Report(_source, _exactTypes, _options.Fallback, steps);
        using var writer = new GgufWriter(path, metadata, _layout.Targets);
        foreach (var (tensor, target) in _layout.Tensors)
        {
            token.ThrowIfCancellationRequested();
            if (_source.Layers.FirstOrDefault(layer => layer.WeightName == tensor.Name) is { } layer)
            {
                steps.Layer(layer);
                WriteLayer(writer, layer, target, token);
            }
            else
            {
                WritePlain(writer, tensor, target, token);
            }
        }

        if (_layout.Divisors is { } divisors)
        {
            writer.Write(divisors.Target, 0, MemoryMarshal.AsBytes<float>(divisors.Values));
        }

        writer.Complete();
        return _exactTypes.Values.Count(type => type is not null);
    }

    private unsafe void WriteLayer(GgufWriter writer, LinearLayer layer, GgufTensor target, CancellationToken token)
    {
        using var weight = _source.Read(layer);
        var head = _layout.Architecture.PermutedHead(layer.WeightName, _source.Model.Config);
        if (!target.Type.IsBlocks() || _exactTypes[layer.WeightName] is null)
        {
            foreach (var (start, rows) in RowPieces.Of(weight, Math.Max(1, head)))
            {
                var values = new Span<float>(TensorMemory.Pointer<float>(rows), checked((int)rows.numel()));
                WriteRows(writer, target, start, values, head);
            }

            return;
        }

        var (columns, rowBytes) = (layer.InFeatures, (int)target.Type.RowBytes(layer.InFeatures));
        var blocks = new GridBlocks(_source.GridOf(layer)!, target.Type);
        var codes = TensorMemory.Pointer<byte>(((GroupedWeight)weight).Codes);
        var step = RowPieces.RowsAtOnce(columns, 1);
        var output = new byte[Math.Min(step, layer.OutFeatures) * rowBytes];
        for (var start = 0; start < layer.OutFeatures; start += step)
        {
            token.ThrowIfCancellationRequested();
            var (first, count) = (start, Math.Min(step, layer.OutFeatures - start));
            Parallel.For(0, count, i =>
            {
                var row = RowOrder.Source(first + i, head);
                blocks.Write(row, new ReadOnlySpan<byte>(codes + ((long)row * columns), columns), output.AsSpan(i * rowBytes, rowBytes));
            });
            writer.Write(target, start, output.AsSpan(0, count * rowBytes));
        }
    }

    private void WritePlain(GgufWriter writer, ModelTensor tensor, GgufTensor target, CancellationToken token)
    {
        var checkpoint = _source.Model.Checkpoint;
        var entry = checkpoint.Require(tensor.Name);
        if (entry.DType is not (DType.F32 or DType.F16 or DType.BF16) || !entry.Shape.SequenceEqual(tensor.Shape))
        {
            throw new ExportException(ExportError.ModelNotSupported, tensor.Name, $"Tensor '{tensor.Name}' is {DTypes.NameOf(entry.DType)} [{string.Join(", ", entry.Shape)}]; F32, F16 or BF16 [{string.Join(", ", tensor.Shape)}] is expected.");
        }

        // A bias changes places value by value, as its weight does row by row.
        var head = _layout.Architecture.PermutedHead(tensor.Name, _source.Model.Config);
        var (rows, columns) = target.IsVector && head > 0 ? ((int)target.Columns, 1) : ((int)target.Rows, (int)target.Columns);
        var step = RowPieces.RowsAtOnce(columns, target.IsVector ? rows : Math.Max(1, head));
        for (var start = 0; start < rows; start += step)
        {
            token.ThrowIfCancellationRequested();
            var values = new float[Math.Min(step, rows - start) * columns];
            TensorRows.Read(checkpoint, entry, start, columns, values);
            WriteRows(writer, target, target.IsVector ? 0 : start, values, head);
        }
    }

    private static unsafe void WriteRows(GgufWriter writer, GgufTensor target, int start, Span<float> values, int head)
    {
        var columns = target.IsVector && head > 0 ? 1 : (int)target.Columns;
        var (count, rowBytes) = (values.Length / columns, (int)(target.IsVector && head > 0 ? sizeof(float) : target.Type.RowBytes(columns)));
        var output = new byte[count * rowBytes];
        var fits = true;
        fixed (float* source = values)
        {
            var first = source;
            Parallel.For(0, count, i =>
            {
                var row = new ReadOnlySpan<float>(first + ((long)RowOrder.Source(i, head) * columns), columns);
                if (!FloatRows.Write(target.Type, row, output.AsSpan(i * rowBytes, rowBytes)))
                {
                    fits = false;
                }
            });
        }

        if (!fits)
        {
            throw new ExportException(ExportError.ValueOutOfRange, target.Name, $"Tensor {target.Name} has values beyond half precision. llama.cpp would not run it so; export with -Format Gptq or CompressedTensors.");
        }

        writer.Write(target, start, output);
    }
}
