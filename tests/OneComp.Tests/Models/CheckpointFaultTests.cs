using OneComp.Errors;
using OneComp.Models;
using OneComp.Safetensors;
using OneComp.Tests.Support;
using static TorchSharp.torch;

namespace OneComp.Tests.Models;

/// <summary>Checkpoints that do not hold what config.json promises.</summary>
public sealed class CheckpointFaultTests : IDisposable
{
    private const string Weight = "model.layers.1.mlp.up_proj.weight";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_tensor_is_named_with_its_shape()
    {
        var error = Fails("ModelTensorMissing", ErrorKind.InvalidData, (_, _) => null);
        Assert.Contains("[160, 64]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_shape_is_named_with_both_shapes()
    {
        var error = Fails("ModelTensorShapeWrong", ErrorKind.InvalidData, (spec, data) => (spec with { Shape = [64, 160] }, data));
        Assert.Contains("has shape [64, 160], expected [160, 64]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_whole_numbers_are_refused()
    {
        var error = Fails("ModelTensorTypeWrong", ErrorKind.InvalidData, (spec, data) => (spec with { DType = DType.I32 }, data));
        Assert.Contains("I32", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_not_finite_is_refused(float value) =>
        Fails("ModelTensorNotFinite", ErrorKind.InvalidData, (spec, data) => (spec, WithValue(data, value)));

    [Theory]
    [InlineData(DType.F16, 0x7e00)]
    [InlineData(DType.F16, 0x7c00)]
    [InlineData(DType.BF16, 0x7fc0)]
    [InlineData(DType.BF16, 0xff80)]
    public void A_half_precision_weight_that_is_not_finite_is_refused(DType type, int bits) =>
        Fails("ModelTensorNotFinite", ErrorKind.InvalidData, (spec, data) =>
        {
            var halves = new byte[data.Length / 2];
            BitConverter.TryWriteBytes(halves.AsSpan(400), (ushort)bits);
            return (spec with { DType = type }, halves);
        });

    [Fact]
    public void A_weight_beyond_the_range_of_the_type_to_compute_in_is_told_apart()
    {
        var error = Fails(
            "ModelTensorOverflows", ErrorKind.InvalidArgument, (spec, data) => (spec, WithValue(data, 1e6f)), ScalarType.Float16);
        Assert.Contains("BFloat16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_blocks_load_all_the_same()
    {
        Rewrite((_, _) => null);
        using var model = CausalModel.Open(_folder.Path);
        using var block = model.LoadBlock(0, CPU, ScalarType.Float32);
        Assert.Equal(7, block.Layers.Count);
    }

    [Fact]
    public void A_token_outside_the_vocabulary_is_refused()
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        using var embedding = model.LoadEmbedding(CPU, ScalarType.Float32);
        using var ids = tensor(new long[] { 3, 512 }).reshape(1, 2);
        var error = Assert.Throws<ModelException>(() => embedding.Forward(ids));
        Assert.Equal("ModelTokenIdOutOfRange", error.ErrorId);
        Assert.Contains("512", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_beyond_the_last_is_refused()
    {
        using var model = CausalModel.Open(ModelFolders.Architecture("qwen2"));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.LoadBlock(2, CPU, ScalarType.Float32));
    }

    private ModelException Fails(
        string id, ErrorKind kind, Func<TensorSpec, byte[], (TensorSpec, byte[])?> change, ScalarType dtype = ScalarType.Float32)
    {
        Rewrite(change);
        using var model = CausalModel.Open(_folder.Path);
        var error = Assert.Throws<ModelException>(() => model.LoadBlock(1, CPU, dtype));
        Assert.Equal(id, error.ErrorId);
        Assert.Equal(kind, error.Kind);
        Assert.Equal(Weight, error.Subject);
        Assert.Contains($"'{Weight}'", error.Message, StringComparison.Ordinal);
        return error;
    }

    private void Rewrite(Func<TensorSpec, byte[], (TensorSpec, byte[])?> change) => CheckpointEditor.Rewrite(
        ModelFolders.Architecture("llama3-rope"), _folder.Path,
        (spec, data) => spec.Name == Weight ? change(spec, data) : (spec, data));

    private static byte[] WithValue(byte[] data, float value)
    {
        BitConverter.TryWriteBytes(data.AsSpan(400), value);
        return data;
    }
}
