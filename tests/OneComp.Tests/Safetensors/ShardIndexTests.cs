using System.Text.Json;
using OneComp.Errors;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Safetensors;

public sealed class ShardIndexTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Index => _folder.File("model.safetensors.index.json");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "SafetensorsIndexNotJson")]
    [InlineData("[]", "SafetensorsIndexNotJson")]
    [InlineData("{", "SafetensorsIndexNotJson")]
    [InlineData("{} {}", "SafetensorsIndexNotJson")]
    [InlineData("""{"metadata":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}""", "SafetensorsIndexNotJson")]
    [InlineData("""{"weight_map":{"\udc00":"part.safetensors"}}""", "SafetensorsIndexNotJson")]
    [InlineData("{}", "SafetensorsIndexMapMissing")]
    [InlineData("""{"metadata":{"weight_map":{}}}""", "SafetensorsIndexMapMissing")]
    [InlineData("""{"weight_map":[]}""", "SafetensorsIndexMapIllTyped")]
    [InlineData("""{"weight_map":null}""", "SafetensorsIndexMapIllTyped")]
    [InlineData("""{"weight_map":{"a":1}}""", "SafetensorsIndexMapIllTyped")]
    [InlineData("""{"weight_map":{"a":"part.safetensors","a":"part.safetensors"}}""", "SafetensorsIndexDuplicateName")]
    [InlineData("""{"weight_map":{},"weight_map":{}}""", "SafetensorsIndexDuplicateName")]
    public void A_wrong_index_is_named(string json, string errorId)
    {
        File.WriteAllText(Index, json);

        var error = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(_folder.Path));

        Assert.Equal((errorId, ErrorKind.InvalidData, Index), (error.ErrorId, error.Kind, error.Subject));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../part.safetensors")]
    [InlineData("..\\part.safetensors")]
    [InlineData("sub/part.safetensors")]
    [InlineData("sub/../part.safetensors")]
    [InlineData("sub\\part.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("\\\\server\\share\\part.safetensors")]
    [InlineData("C:part.safetensors")]
    [InlineData("C:\\part.safetensors")]
    [InlineData("part.safetensors:stream")]
    [InlineData("part.safetensors\0")]
    public void A_name_that_could_lead_out_of_the_folder_is_refused(string shard)
    {
        File.WriteAllBytes(_folder.File("part.safetensors"), RawFile.WithTensors("a"));
        File.WriteAllText(Index, JsonSerializer.Serialize(new { weight_map = new { a = shard } }));

        var error = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(_folder.Path));

        Assert.Equal("SafetensorsIndexShardOutsideFolder", error.ErrorId);
    }

    [Fact]
    public void A_missing_shard_is_NotFound_with_its_path()
    {
        File.WriteAllText(Index, """{"weight_map":{"a":"part.safetensors"}}""");

        var error = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(_folder.Path));

        Assert.Equal(
            ("SafetensorsIndexShardMissing", ErrorKind.NotFound, _folder.File("part.safetensors")), (error.ErrorId, error.Kind, error.Subject));
    }

    [Fact]
    public void A_tensor_that_its_shard_lacks_is_named()
    {
        File.WriteAllBytes(_folder.File("part.safetensors"), RawFile.WithTensors("a"));
        File.WriteAllText(Index, """{"weight_map":{"a":"part.safetensors","b":"part.safetensors"}}""");

        var error = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(_folder.Path));

        Assert.Equal("SafetensorsIndexTensorMissing", error.ErrorId);
        Assert.Contains("'b'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_model_keeps_no_file_open()
    {
        string shard = _folder.File("part.safetensors");
        File.WriteAllBytes(shard, RawFile.WithTensors("a"));
        File.WriteAllText(Index, """{"weight_map":{"a":"part.safetensors","b":"gone.safetensors"}}""");

        Assert.Throws<SafetensorsException>(() => Checkpoint.Open(_folder.Path));

        using FileStream exclusive = new(shard, FileMode.Open, FileAccess.ReadWrite, FileShare.None); // throws while a reader has it
    }

    [Fact]
    public void An_index_over_the_cap_is_refused_before_it_is_read()
    {
        using (FileStream stream = File.Create(Index)) stream.SetLength(100_000_001); // sparse

        var error = Assert.Throws<SafetensorsException>(() => Checkpoint.Open(_folder.Path));

        Assert.Equal("SafetensorsIndexTooLarge", error.ErrorId);
    }
}
