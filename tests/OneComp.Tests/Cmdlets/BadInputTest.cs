using System.Management.Automation;
using System.Text.Json.Nodes;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>What a user gets for input that cannot be used: its own error, nothing half-written, and the source as it was.</summary>
public abstract class BadInputTest : IDisposable
{
    private protected const string Rtn = "New-RtnQuantizer";
    private protected const string Gptq = "New-GptqQuantizer";

    private protected TemporaryFolder Folder { get; } = new();

    private protected PowerShellSession Session { get; } = new();

    /// <summary>Removes the folder.</summary>
    public void Dispose()
    {
        Session.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>As <see cref="Fails"/>, and nothing is at the destination or hidden beside it.</summary>
    private protected ErrorRecord Refuses(string model, string errorId, ErrorCategory category, string quantizer = Rtn, string more = "")
    {
        var before = Snapshot(model);
        var beside = Directory.GetFileSystemEntries(Folder.Path).Order(StringComparer.Ordinal).ToList();
        var error = Fails(model, errorId, category, quantizer, more);
        Assert.Equal(beside, Directory.GetFileSystemEntries(Folder.Path).Order(StringComparer.Ordinal));
        Assert.Equal(before, Snapshot(model));
        return error;
    }

    private protected ErrorRecord Fails(string model, string errorId, ErrorCategory category, string quantizer = Rtn, string more = "", string? destination = null)
    {
        var result = Session.Invoke(
            $"param($Model, $Destination) {quantizer} | Invoke-OneCompQuantization $Model -Destination $Destination -NumCalibrationSamples 4 -MaxLength 64 {more}",
            new { Model = model, Destination = destination ?? Folder.File("q") });
        Assert.Empty(result.Output);
        return result.Fails(errorId, category);
    }

    private protected string CopyOfTinyLlama() => Copy(Repository.TinyLlama);

    private protected string CopyOfTheShardedModel() => Copy(Repository.Data("architectures", "qwen3-tied-bf16-sharded"));

    private string Copy(string source)
    {
        var copy = Directory.CreateDirectory(Folder.File("model")).FullName;
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    private protected string CopyWithNaN(string tensor)
    {
        var model = CopyOfTinyLlama();
        var path = Path.Combine(model, "model.safetensors");
        TensorEntry entry;
        using (var file = SafetensorsFile.Open(path))
        {
            entry = file.Require(tensor);
        }

        byte[] nan = entry.DType switch
        {
            DType.F16 => [0x00, 0x7e],
            DType.BF16 => [0xc0, 0x7f],
            _ => [0x00, 0x00, 0xc0, 0x7f],
        };
        using var bytes = File.OpenWrite(path);
        bytes.Position = entry.Offset + (nan.Length * 100L);
        bytes.Write(nan);
        return model;
    }

    private protected static void ChangeConfig(string model, Action<JsonObject> change)
    {
        var path = Path.Combine(model, "config.json");
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        change(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    private protected static IEnumerable<string> Snapshot(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry => $"{entry.FullName} {(entry as FileInfo)?.Length} {entry.LastWriteTimeUtc:O}")
            .Order(StringComparer.Ordinal)];
}
