using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Formats.CompressedTensors;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Dbf;
using OneComp.Quantization.Grids;
using OneComp.Safetensors;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>Small quantized folders of every form, made from the names and shapes that the forms give. One input holds both files.</summary>
internal static class QuantizedFolders
{
    private const ushort HalfOne = 0x3C00;

    /// <summary>config.json and model.safetensors as one input: the length of the first, then both.</summary>
    public static byte[] Join(byte[] config, byte[] weights)
    {
        var input = new byte[sizeof(int) + config.Length + weights.Length];
        BinaryPrimitives.WriteInt32LittleEndian(input, config.Length);
        config.CopyTo(input, sizeof(int));
        weights.CopyTo(input, sizeof(int) + config.Length);
        return input;
    }

    /// <summary>The two files of an input.</summary>
    public static (byte[] Config, byte[] Weights) Split(byte[] input)
    {
        var length = input.Length < sizeof(int) ? 0 : Math.Clamp(BinaryPrimitives.ReadInt32LittleEndian(input), 0, input.Length - sizeof(int));
        var start = Math.Min(sizeof(int), input.Length);
        return (input[start..(start + length)], input[(start + length)..]);
    }

    /// <summary>gptq, gptq v2, dbf, mixed and pack-quantized.</summary>
    public static IEnumerable<byte[]> All(Scratch scratch)
    {
        var four = new GroupScheme(4, 32, true);
        yield return Folder(scratch, _ => four, config => config);
        yield return Folder(scratch, _ => new GroupScheme(3, -1, false), config =>
        {
            config["checkpoint_format"] = "gptq_v2";
            return config;
        });
        yield return Folder(scratch, _ => new DbfScheme(1.5), config => config);
        yield return Folder(scratch, layer => layer.Module.StartsWith("mlp", StringComparison.Ordinal) ? new DbfScheme(1.5) : four, config => config);
        yield return Folder(scratch, _ => four, _ => PackedConfig.Of([.. Layers(scratch).Select(layer => (layer, four))], []), packed: true);
    }

    private static byte[] Folder(Scratch scratch, Func<LinearLayer, LayerScheme> schemeOf, Func<JsonObject, JsonObject> change, bool packed = false)
    {
        var planned = Layers(scratch).Select(layer => (Layer: layer, Scheme: schemeOf(layer))).ToList();
        var config = (JsonObject)JsonNode.Parse(ConfigTargets.Llama)!;
        config["quantization_config"] = change(QuantizationConfig.Of(planned, 1, actOrder: false));
        var specs = planned.SelectMany(row => (packed ? PackedFormat.Instance : LayerFormat.For(row.Scheme)).Specs(row.Layer, row.Scheme))
            .Concat(Topology(scratch).Tensors.Where(tensor => tensor.Kind != TensorKind.Linear).Select(tensor => new TensorSpec(tensor.Name, DType.F16, tensor.Shape)))
            .ToList();
        return Join(Encoding.UTF8.GetBytes(config.ToJsonString()), Weights(scratch, specs, planned[0].Layer));
    }

    private static IReadOnlyList<LinearLayer> Layers(Scratch scratch) => Topology(scratch).Layers;

    private static ModelTopology Topology(Scratch scratch)
    {
        var folder = Directory.CreateDirectory(scratch.Path("plain")).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), ConfigTargets.Llama);
        return ModelTopology.Of(ModelConfig.Load(folder));
    }

    private static byte[] Weights(Scratch scratch, IReadOnlyList<TensorSpec> specs, LinearLayer first)
    {
        var path = scratch.Path("seed.safetensors");
        using (var writer = SafetensorsWriter.Create(path, specs, new Dictionary<string, string> { ["format"] = "pt" }))
        {
            foreach (var spec in specs)
            {
                writer.Write(spec.Name, Bytes(spec, first));
            }

            writer.Commit();
        }

        return File.ReadAllBytes(path);
    }

    // Codes and signs are whatever; scales are 1, groups the first, and shapes what the layers have.
    private static byte[] Bytes(TensorSpec spec, LinearLayer first)
    {
        var bytes = new byte[spec.Shape.Aggregate(1L, (product, size) => product * size) * DTypes.SizeOf(spec.DType)];
        if (spec.DType == DType.F16)
        {
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan()).Fill(HalfOne);
        }
        else if (spec.Name.EndsWith("weight_shape", StringComparison.Ordinal))
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, first.OutFeatures);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long)), first.InFeatures);
        }
        else if (!spec.Name.EndsWith("g_idx", StringComparison.Ordinal))
        {
            new Random(1).NextBytes(bytes);
        }

        return bytes;
    }
}
