using System.Text;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

/// <summary>Numbers that no model has. The cap on the header's bytes is among the malformed files.</summary>
public sealed class LimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(64, null)]
    [InlineData(65, SafetensorsError.TooManyDimensions)]
    public void A_tensor_has_at_most_64_dimensions(int count, SafetensorsError? expected)
    {
        var shape = string.Join(",", Enumerable.Repeat("1", count));
        var path = Write(RawFile.Bytes($$$"""{"a":{"dtype":"U8","shape":[{{{shape}}}],"data_offsets":[0,1]}}""", 1));
        Check(expected, () => SafetensorsFile.Open(path).Dispose());
    }

    [Fact]
    public void A_file_has_at_most_a_million_tensors()
    {
        var header = new StringBuilder("{");
        for (var i = 0; i <= SafetensorsHeader.MaxTensors; i++)
        {
            header.Append(i == 0 ? "" : ",").Append('"').Append(i).Append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }

        var path = Write(RawFile.Bytes(header.Append('}').ToString(), 0));
        Check(SafetensorsError.TooManyTensors, () => SafetensorsFile.Open(path).Dispose());
    }

    [Fact]
    public void An_index_names_at_most_a_million()
    {
        var index = new StringBuilder("{\"weight_map\":{");
        for (var i = 0; i <= SafetensorsHeader.MaxTensors; i++)
        {
            index.Append(i == 0 ? "" : ",").Append('"').Append(i).Append("\":\"a\"");
        }

        File.WriteAllText(_folder.File("model.safetensors.index.json"), index.Append("}}").ToString());
        Check(SafetensorsError.TooManyTensors, () => Checkpoint.Open(_folder.Path).Dispose());
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("model.pt")]
    [InlineData("consolidated.00.pth")]
    [InlineData("model.CKPT")]
    [InlineData("weights.pkl")]
    public void Pickles_are_never_read_and_the_way_out_is_told(string name)
    {
        File.WriteAllText(_folder.File(name), "cos\nsystem\n(S'touch owned'\ntR.");
        var error = Check(SafetensorsError.PickledWeights, () => Checkpoint.Open(_folder.Path).Dispose())!;
        Assert.Equal(("SafetensorsPickledWeights", Errors.ErrorKind.NotSupported), (error.ErrorId, error.Kind));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("safe_serialization", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("owned"));
    }

    private static SafetensorsException? Check(SafetensorsError? expected, Action open)
    {
        if (expected is null)
        {
            open();
            return null;
        }

        var error = Assert.Throws<SafetensorsException>(open);
        Assert.Equal(expected, error.Error);
        return error;
    }

    private string Write(byte[] content)
    {
        File.WriteAllBytes(_folder.File("model.safetensors"), content);
        return _folder.File("model.safetensors");
    }
}
