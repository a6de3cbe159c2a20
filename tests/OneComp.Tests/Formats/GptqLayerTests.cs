using System.Runtime.InteropServices;
using OneComp.Formats;
using OneComp.Formats.Gptq;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Grids;
using OneComp.Quantization.Rtn;
using OneComp.Safetensors;
using OneComp.Tests.Quantization.Gptq;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Formats;

/// <summary>A quantized layer to a file and back, and files that are no such layer.</summary>
public class GptqLayerTests
{
    private const string Name = "model.layers.0.self_attn.q_proj";
    private const int Rows = 40;
    private const int Columns = 100;

    private static readonly Dictionary<string, Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?>> Faults = new()
    {
        ["no scales"] = Drop(".scales"),
        ["no zero points"] = Drop(".qzeros"),
        ["codes of another type"] = As(".qweight", DType.F32),
        ["codes without dimensions"] = Shaped(".qweight"),
        ["codes of one dimension"] = Shaped(".qweight", 16),
        ["too few words of codes"] = Shaped(".qweight", 15, Rows),
        ["more than 8 bits"] = Shaped(".qweight", 40, Rows),
        ["codes of another width"] = Shaped(".qweight", 16, Rows - 1),
        ["zero points of another type"] = As(".qzeros", DType.F32),
        ["zero points of another width"] = Shaped(".qzeros", 4, 4),
        ["zero points of other groups"] = Shaped(".qzeros", 3, 8),
        ["scales of one dimension"] = Shaped(".scales", 4 * Rows),
        ["scales of another width"] = Shaped(".scales", 4, Rows + 1),
        ["no group at all"] = Shaped(".scales", 0, Rows),
        ["scales of another type"] = (spec, data) => spec.Name.EndsWith(".scales", StringComparison.Ordinal)
            ? (spec with { DType = DType.I32 }, new byte[2 * data.Length]) : (spec, data),
        ["scales that are not finite"] = Values(".scales", data => MemoryMarshal.Cast<byte, Half>(data.AsSpan())[5] = Half.NaN),
        ["group indices of another type"] = As(".g_idx", DType.F32),
        ["too few group indices"] = Shaped(".g_idx", Columns - 1),
        ["a group index too large"] = Values(".g_idx", data => MemoryMarshal.Cast<byte, int>(data.AsSpan())[5] = 4),
        ["a negative group index"] = Values(".g_idx", data => MemoryMarshal.Cast<byte, int>(data.AsSpan())[5] = -1),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    [Theory]
    [InlineData(2, 32, true, false)]
    [InlineData(3, 32, false, false)]
    [InlineData(3, -1, false, true)]
    [InlineData(3, 32, false, true)]
    [InlineData(4, 32, true, true)]
    [InlineData(4, 128, true, false)]
    [InlineData(5, 48, false, true)]
    [InlineData(6, 48, false, false)]
    [InlineData(7, 48, true, false)]
    [InlineData(8, 16, false, true)]
    [InlineData(8, -1, true, false)]
    public void Dequantized_weights_come_back_to_the_last_bit(int bits, int groupSize, bool symmetric, bool actOrder)
    {
        using var folder = new TemporaryFolder();
        using var sample = new GptqSample(Rows + 3, Columns + 5);
        using var quantized = sample.Quantize(new GptqQuantizer { WBits = bits, GroupSize = groupSize, Sym = symmetric, ActOrder = actOrder });

        Save(quantized, folder.Path);

        using var checkpoint = Checkpoint.Open(folder.Path);
        using var scope = NewDisposeScope();
        Assert.True(new GptqWeightDecoder(1).CanDecode(checkpoint, quantized.Layer));
        Assert.Equal(
            quantized.Dequantize().data<float>().ToArray(), new GptqWeightDecoder(1).Decode(checkpoint, quantized.Layer).data<float>().ToArray());
    }

    [Fact]
    public void The_file_holds_codes_scales_and_zero_points_less_one_as_the_format_says()
    {
        using var folder = new TemporaryFolder();
        using var quantized = Sample();
        Save(quantized, folder.Path);

        using var file = Checkpoint.Open(folder.Path);
        var qweight = file.ReadInt32(file.Require(Name + ".qweight"));
        var qzeros = file.ReadInt32(file.Require(Name + ".qzeros"));
        var scales = file.ReadSingle(file.Require(Name + ".scales"));
        Assert.Equal([16, Rows], file.Tensors[Name + ".qweight"].Shape);
        Assert.Equal([4, 8], file.Tensors[Name + ".qzeros"].Shape);
        Assert.Equal([4, Rows], file.Tensors[Name + ".scales"].Shape);
        Assert.Equal(Enumerable.Range(0, Columns).Select(column => column / 32), file.ReadInt32(file.Require(Name + ".g_idx")));
        var (codes, zeros) = (quantized.Codes.data<byte>().ToArray(), quantized.Zeros.data<byte>().ToArray());
        var expectedScales = quantized.Scales.to(ScalarType.Float32).data<float>().ToArray();
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                Assert.Equal(codes[(row * Columns) + column], (qweight[(column / 8 * Rows) + row] >>> (column % 8 * 4)) & 15);
            }

            for (var group = 0; group < 4; group++)
            {
                Assert.Equal(zeros[(row * 4) + group] - 1, (qzeros[(group * 8) + (row / 8)] >>> (row % 8 * 4)) & 15);
                Assert.Equal(expectedScales[(row * 4) + group], scales[(group * Rows) + row]);
            }
        }
    }

    [Fact]
    public void Version_2_files_hold_zero_points_as_they_are()
    {
        using var folder = new TemporaryFolder();
        using var quantized = Sample();
        Save(quantized, folder.Path);

        using var checkpoint = Checkpoint.Open(folder.Path);
        using var scope = NewDisposeScope();
        var lower = GroupedWeight.Dequantize(quantized.Codes, quantized.Scales, quantized.Zeros.sub(1), quantized.GroupIndex);
        Assert.Equal(lower.data<float>().ToArray(), new GptqWeightDecoder(0).Decode(checkpoint, quantized.Layer).data<float>().ToArray());
    }

    [Fact]
    public void Without_group_indices_groups_go_in_order()
    {
        using var folder = new TemporaryFolder();
        using var sample = new GptqSample(Rows, 96);
        using var quantized = sample.Quantize(new GptqQuantizer { GroupSize = 32 });
        Save(quantized, folder.Path, Drop(".g_idx"));

        using var checkpoint = Checkpoint.Open(folder.Path);
        using var scope = NewDisposeScope();
        Assert.Equal(
            quantized.Dequantize().data<float>().ToArray(), new GptqWeightDecoder(1).Decode(checkpoint, quantized.Layer).data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(FaultNames))]
    public void A_faulty_layer_is_an_error_that_names_it(string fault)
    {
        using var folder = new TemporaryFolder();
        using var quantized = Sample();
        Save(quantized, folder.Path, Faults[fault]);

        using var checkpoint = Checkpoint.Open(folder.Path);
        var error = Assert.Throws<QuantizedFormatException>(() => new GptqWeightDecoder(1).Decode(checkpoint, quantized.Layer));
        Assert.Equal((QuantizedFormatError.LayerInvalid, Name), (error.Error, error.Subject));
    }

    /// <summary>4 bits, four groups of 32, the last one shorter.</summary>
    private static GroupedWeight Sample()
    {
        using var sample = new GptqSample(Rows, Columns);
        return (GroupedWeight)new RtnQuantizer { WBits = 4, GroupSize = 32 }.Quantize(sample.Problem, default);
    }

    private static void Save(
        GroupedWeight weight, string folder, Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?>? change = null)
    {
        var path = Path.Combine(folder, "model.safetensors");
        using (var writer = SafetensorsWriter.Create(path, GptqNames.Specs(weight.Layer, weight.Scheme)))
        {
            GptqLayerWriter.Write(weight, _ => writer);
            writer.Commit();
        }

        if (change is null)
        {
            return;
        }

        List<(TensorSpec Spec, byte[] Data)> tensors;
        using (var file = SafetensorsFile.Open(path))
        {
            tensors = [.. file.Tensors.Values.Select(entry => change(new TensorSpec(entry.Name, entry.DType, entry.Shape), file.ReadBytes(entry))).OfType<(TensorSpec, byte[])>()];
        }

        using var changed = SafetensorsWriter.Create(path, [.. tensors.Select(tensor => tensor.Spec)]);
        tensors.ForEach(tensor => changed.Write(tensor.Spec.Name, tensor.Data));
        changed.Commit();
    }

    private static Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?> Drop(string suffix) =>
        (spec, data) => spec.Name.EndsWith(suffix, StringComparison.Ordinal) ? null : (spec, data);

    private static Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?> As(string suffix, DType type) =>
        (spec, data) => (spec.Name.EndsWith(suffix, StringComparison.Ordinal) ? spec with { DType = type } : spec, data);

    /// <summary>Another shape, with as many bytes as it takes.</summary>
    private static Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?> Shaped(string suffix, params long[] shape) => (spec, data) =>
    {
        if (!spec.Name.EndsWith(suffix, StringComparison.Ordinal))
        {
            return (spec, data);
        }

        var bytes = data;
        Array.Resize(ref bytes, (int)shape.Aggregate((long)DTypes.SizeOf(spec.DType), (product, size) => product * size));
        return (spec with { Shape = shape }, bytes);
    };

    private static Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?> Values(string suffix, Action<byte[]> change) => (spec, data) =>
    {
        if (spec.Name.EndsWith(suffix, StringComparison.Ordinal))
        {
            change(data);
        }

        return (spec, data);
    };
}
