using OneComp.Formats;
using OneComp.Formats.Dbf;
using OneComp.Quantization.Dbf;
using OneComp.Runtime;
using OneComp.Safetensors;
using OneComp.Tests.Models;
using OneComp.Tests.Quantization.Dbf;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Formats.Dbf;

/// <summary>A factorized layer to a file and back.</summary>
public class DbfFormatTests
{
    private static readonly DbfQuantizer Quick = new() { Iters = 5, UseBalancing = true, RefineIters = 0 };

    private static readonly Dictionary<string, Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?>> Faults = new()
    {
        ["no scaling0"] = (spec, data) => spec.Name.EndsWith(".scaling0", StringComparison.Ordinal) ? null : (spec, data),
        ["no bp3"] = (spec, data) => spec.Name.EndsWith(".bp3", StringComparison.Ordinal) ? null : (spec, data),
        ["bp1 too short"] = Change(".bp1", (spec, data) => (spec with { Shape = [spec.Shape[0] - 1] }, data[1..])),
        ["scaling4 too long"] = Change(".scaling4", (spec, data) => (spec with { Shape = [spec.Shape[0] + 1] }, [.. data, 0, 0])),
        ["scaling2 in two dimensions"] = Change(".scaling2", (spec, data) => (spec with { Shape = [1, spec.Shape[0]] }, data)),
        ["scaling0 of bytes"] = Change(".scaling0", (spec, data) => (spec with { DType = DType.U8 }, data[..(data.Length / 2)])),
        ["bp3 of another type"] = Change(".bp3", (spec, data) => (spec with { DType = DType.I8 }, data)),
        ["scaling4 not finite"] = Change(".scaling4", (spec, data) => (spec, [0, 0x7C, .. data[2..]])),
    };

    public DbfFormatTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    [Theory]
    [InlineData(24, 40)]
    [InlineData(13, 27)]
    [InlineData(1, 9)]
    [InlineData(9, 1)]
    public void A_layer_comes_back_to_the_last_bit(int rows, int columns)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var expected = Save(folder, rows, columns).Dequantize();
        using var checkpoint = Checkpoint.Open(folder.Path);
        var layer = DbfLayers.Layer(rows, columns);
        var decoder = new DbfWeightDecoder();
        Assert.True(decoder.CanDecode(checkpoint, layer));
        Assert.Equal(expected.data<float>().ToArray(), decoder.Decode(checkpoint, layer).data<float>().ToArray());
    }

    [Theory]
    [InlineData(24, 40)]
    [InlineData(13, 27)]
    public void The_files_bytes_mean_what_the_format_says(int rows, int columns)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var weight = Save(folder, rows, columns);
        var expected = weight.Dequantize().data<float>().ToArray();
        using var file = Checkpoint.Open(folder.Path);
        var name = weight.Layer.Name;
        var inner = (int)weight.Scales.Middle.shape[0];
        var s0 = file.ReadSingle(file.Require(name + ".scaling0"));
        var s2 = file.ReadSingle(file.Require(name + ".scaling2"));
        var s4 = file.ReadSingle(file.Require(name + ".scaling4"));
        var bp1 = file.ReadBytes(file.Require(name + ".bp1"));
        var bp3 = file.ReadBytes(file.Require(name + ".bp3"));
        Assert.Equal((columns, inner, rows), (s0.Length, s2.Length, s4.Length));
        Assert.Equal((((inner * columns) + 7) / 8, ((rows * inner) + 7) / 8), (bp1.Length, bp3.Length));

        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                double sum = 0;
                for (var k = 0; k < inner; k++)
                {
                    sum += Sign(bp3, (row * inner) + k) * (double)s2[k] * Sign(bp1, (k * columns) + column);
                }

                Assert.Equal((float)(sum * s4[row] * s0[column]), expected[(row * columns) + column]);
            }
        }

        static int Sign(byte[] packed, int index) => ((packed[index / 8] >> (7 - (index % 8))) & 1) == 1 ? 1 : -1;
    }

    [Theory]
    [InlineData(13, 27, 1.5)]
    [InlineData(64, 48, 1.1)]
    public void The_layers_bytes_are_its_effective_bits(int rows, int columns, double bits)
    {
        var layer = DbfLayers.Layer(rows, columns);
        var scheme = new DbfScheme(bits);
        var bytes = LayerFormat.For(scheme).Specs(layer, scheme).Sum(spec => spec.Shape.Aggregate((long)DTypes.SizeOf(spec.DType), (a, b) => a * b));
        Assert.Equal(8.0 * bytes / layer.WeightCount, scheme.EffectiveBits(layer), 1e-12);
    }

    [Fact]
    public void Bits_go_high_first_and_the_last_byte_is_filled_with_ones()
    {
        using var scope = NewDisposeScope();
        var signs = tensor(new[] { true, false, false, true, false, false, false, true, false, true });
        var packed = SignPacking.Pack(signs);
        Assert.Equal(new byte[] { 0b1001_0001, 0b0111_1111 }, packed.data<byte>().ToArray());
        Assert.True(SignPacking.Unpack(packed, 2, 5).Equals(signs.reshape(2, 5)));
    }

    [Theory]
    [MemberData(nameof(FaultNames))]
    public void A_faulty_layer_is_refused_by_name(string fault)
    {
        using var good = new TemporaryFolder();
        using var bad = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var layer = Save(good, 24, 40).Layer;
        CheckpointEditor.Rewrite(good.Path, bad.Path, Faults[fault]);
        using var checkpoint = Checkpoint.Open(bad.Path);
        var exception = Assert.Throws<QuantizedFormatException>(() => new DbfWeightDecoder().Decode(checkpoint, layer));
        Assert.Equal("QuantizedFormatLayerInvalid", exception.ErrorId);
        Assert.Contains(layer.Name, exception.Message, StringComparison.Ordinal);
    }

    private static DbfWeight Save(TemporaryFolder folder, int rows, int columns)
    {
        var layer = DbfLayers.Layer(rows, columns);
        var weight = DbfLayers.Quantize(layer, DbfLayers.Weight(rows, columns), Quick);
        using var writer = SafetensorsWriter.Create(folder.File("model.safetensors"), DbfFormat.Instance.Specs(layer, Quick.SchemeFor(layer)));
        DbfFormat.Instance.Write(weight, _ => writer);
        writer.Commit();
        File.WriteAllText(folder.File("config.json"), "{}");
        return weight;
    }

    private static Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?> Change(string suffix, Func<TensorSpec, byte[], (TensorSpec, byte[])> change) =>
        (spec, data) => spec.Name.EndsWith(suffix, StringComparison.Ordinal) ? change(spec, data) : (spec, data);
}
