using System.Management.Automation;
using System.Text.Json.Nodes;
using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>What a user gets for input that cannot be used: its own error, nothing half-written, and the source as it was.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Rtn = "New-RtnQuantizer";
    private const string Gptq = "New-GptqQuantizer";
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_that_is_no_model()
    {
        Directory.CreateDirectory(_folder.File("empty"));
        var error = Refuses(_folder.File("empty"), "ModelConfigNotFound", ErrorCategory.ObjectNotFound);
        Assert.Contains("config.json", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_weights()
    {
        var model = CopyOfTinyLlama();
        File.Delete(Path.Combine(model, "model.safetensors"));
        Refuses(model, "SafetensorsCheckpointNotFound", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public void A_missing_shard()
    {
        var model = CopyOfTheShardedModel();
        var shard = Directory.GetFiles(model, "*.safetensors").Order(StringComparer.Ordinal).Last();
        File.Delete(shard);
        var error = Refuses(model, "SafetensorsIndexShardMissing", ErrorCategory.ObjectNotFound);
        Assert.Contains(Path.GetFileName(shard), error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_shard()
    {
        var model = CopyOfTheShardedModel();
        var shard = Directory.GetFiles(model, "*.safetensors").Order(StringComparer.Ordinal).Last();
        using (var file = File.OpenWrite(shard))
        {
            file.SetLength(file.Length - 1000);
        }

        var error = Refuses(model, "SafetensorsOffsetsOutsideFile", ErrorCategory.InvalidData);
        Assert.Contains(Path.GetFileName(shard), error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_architecture_is_named_with_the_known_ones()
    {
        var model = CopyOfTinyLlama();
        ChangeConfig(model, config => config["architectures"] = new JsonArray("GPT2LMHeadModel"));
        var error = Refuses(model, "ModelArchitectureUnknown", ErrorCategory.NotImplemented);
        Assert.All(
            (string[])["GPT2LMHeadModel", "LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM", "Qwen3ForCausalLM"],
            name => Assert.Contains(name, error.Exception.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Rtn)]
    [InlineData(Gptq)]
    [InlineData("New-AutoBitQuantizer 3 -AssignmentStrategy ilp")]
    [InlineData("New-AutoBitQuantizer 3 -NumCalibSamples 4 -CalibSeqLen 64")]
    public void A_NaN_weight_is_named(string quantizer)
    {
        const string tensor = "model.layers.0.mlp.up_proj.weight"; // of the first block: a later one is found with blocks done to go on from
        var error = Refuses(CopyWithNaN(tensor), "ModelTensorNotFinite", ErrorCategory.InvalidData, quantizer);
        Assert.Contains(tensor, error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(tensor, error.TargetObject);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\n")]
    public void An_empty_calibration_file(string text)
    {
        File.WriteAllText(_folder.File("text.txt"), text);
        Refuses(Repository.TinyLlama, "CalibrationFileEmpty", ErrorCategory.InvalidData, Gptq, $"-CalibrationPath '{_folder.File("text.txt")}'");
    }

    [Fact]
    public void A_calibration_file_that_is_not_there() =>
        Refuses(Repository.TinyLlama, "PathNotFound", ErrorCategory.ObjectNotFound, Gptq, $"-CalibrationPath '{_folder.File("none.txt")}'");

    [Theory]
    [InlineData(Gptq)]
    [InlineData("New-AutoBitQuantizer 3 -NumCalibSamples 4 -CalibSeqLen 64")]
    public void Too_little_text_says_how_much_there_is_and_how_much_is_needed(string quantizer)
    {
        File.WriteAllText(_folder.File("text.txt"), "Hello there, this is short.");
        var error = Refuses(Repository.TinyLlama, "CalibrationTooLittleText", ErrorCategory.InvalidData, quantizer, $"-CalibrationPath '{_folder.File("text.txt")}'");
        Assert.Contains(" 10 tokens", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(" 256", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_destination_that_exists_stays_as_it_is()
    {
        Directory.CreateDirectory(_folder.File("q"));
        File.WriteAllText(_folder.File("q/mine.txt"), "mine");
        var error = Fails(Repository.TinyLlama, "DestinationExists", ErrorCategory.ResourceExists);
        Assert.Contains("-Force", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal([_folder.File("q/mine.txt")], Directory.GetFileSystemEntries(_folder.File("q")));
        Assert.Equal([_folder.File("q")], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_destination_that_exists_stays_as_it_is_when_a_run_with_Force_fails()
    {
        Directory.CreateDirectory(_folder.File("q"));
        File.WriteAllText(_folder.File("q/mine.txt"), "mine");
        Fails(CopyWithNaN("model.layers.1.mlp.up_proj.weight"), "ModelTensorNotFinite", ErrorCategory.InvalidData, more: "-Force");
        Assert.Equal([_folder.File("q/mine.txt")], Directory.GetFileSystemEntries(_folder.File("q")));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(_folder.Path), entry => Path.GetFileName(entry).StartsWith('.'));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/q")]
    [InlineData("file/a/q")]
    public void A_file_where_a_folder_is_to_be(string destination)
    {
        File.WriteAllText(_folder.File("file"), "mine");
        var error = Fails(Repository.TinyLlama, "DestinationNotAFolder", ErrorCategory.InvalidArgument, destination: _folder.File(destination), more: "-Force");
        Assert.Contains(_folder.File("file"), error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder.File("file")));
        Assert.Equal([_folder.File("file")], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_place_that_the_system_does_not_let_write()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // /proc takes no folders, not even from root
        }

        var error = Fails(Repository.TinyLlama, "DestinationNotWritable", ErrorCategory.PermissionDenied, destination: "/proc/onecomp-q");
        Assert.Contains("/proc/onecomp-q", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("q")]
    [InlineData("..")]
    public void A_destination_that_is_not_apart_from_the_model(string relative)
    {
        var model = CopyOfTinyLlama();
        var before = Snapshot(model);
        Fails(model, "DestinationOverlapsSource", ErrorCategory.InvalidArgument, destination: Path.Combine(model, relative), more: "-Force");
        Assert.Equal(before, Snapshot(model));
    }

    [Fact]
    public void A_target_below_the_smallest_candidate_says_the_smallest_that_can_be_reached()
    {
        var error = Refuses(
            Repository.TinyLlama, "AssignmentBudgetTooSmall", ErrorCategory.InvalidArgument, "3, 4 | New-GptqQuantizer | New-AutoBitQuantizer 2.5 -AssignmentStrategy ilp -AutoDbf $false");
        Assert.Contains("2.5; the smallest that these candidates reach is 3 (3.1484", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_quantized_already()
    {
        var model = CopyOfTinyLlama();
        ChangeConfig(model, config => config["quantization_config"] = new JsonObject { ["quant_method"] = "gptq" });
        Refuses(model, "QuantizedFormatAlreadyQuantized", ErrorCategory.InvalidArgument);
    }

    [Theory]
    [InlineData("cuda:99", "DeviceNotPresent", ErrorCategory.ObjectNotFound)]
    [InlineData("toaster", "DeviceNameInvalid", ErrorCategory.InvalidArgument)]
    public void A_device_that_is_not_there(string device, string errorId, ErrorCategory category) =>
        Refuses(Repository.TinyLlama, errorId, category, Rtn, $"-Device {device}");

    [Fact]
    public void A_stop_in_the_middle_leaves_what_the_run_needs_to_go_on_and_nothing_else()
    {
        var before = Snapshot(Repository.TinyLlama);
        using var shell = _session.NewShell().AddScript("""
            param($Model, $Destination)
            New-GptqQuantizer | Invoke-OneCompQuantization $Model -Destination $Destination -NumCalibrationSamples 32 -MaxLength 256 -ResampleRounds 0 -Device cpu
            """);
        shell.AddParameter("Model", Repository.TinyLlama).AddParameter("Destination", _folder.File("q"));
        using var working = new ManualResetEventSlim();
        shell.Streams.Progress.DataAdded += (_, added) =>
        {
            if (shell.Streams.Progress[added.Index].StatusDescription.StartsWith("block 2", StringComparison.Ordinal))
            {
                working.Set();
            }
        };
        shell.BeginInvoke();
        Assert.True(working.Wait(TimeSpan.FromMinutes(1)), "the run did not come to block 2");
        Assert.NotEmpty(Directory.GetFileSystemEntries(_folder.Path));
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(shell.Streams.Error);
        Assert.Equal([".q.run"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.Equal(before, Snapshot(Repository.TinyLlama));
    }

    /// <summary>As <see cref="Fails"/>, and nothing is at the destination or hidden beside it.</summary>
    private ErrorRecord Refuses(string model, string errorId, ErrorCategory category, string quantizer = Rtn, string more = "")
    {
        var before = Snapshot(model);
        var beside = Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal).ToList();
        var error = Fails(model, errorId, category, quantizer, more);
        Assert.Equal(beside, Directory.GetFileSystemEntries(_folder.Path).Order(StringComparer.Ordinal));
        Assert.Equal(before, Snapshot(model));
        return error;
    }

    private ErrorRecord Fails(string model, string errorId, ErrorCategory category, string quantizer = Rtn, string more = "", string? destination = null)
    {
        var result = _session.Invoke(
            $"param($Model, $Destination) {quantizer} | Invoke-OneCompQuantization $Model -Destination $Destination -NumCalibrationSamples 4 -MaxLength 64 {more}",
            new { Model = model, Destination = destination ?? _folder.File("q") });
        Assert.Empty(result.Output);
        return result.Fails(errorId, category);
    }

    private string CopyOfTinyLlama() => Copy(Repository.TinyLlama);

    private string CopyOfTheShardedModel() => Copy(Repository.Data("architectures", "qwen3-tied-bf16-sharded"));

    private string Copy(string source)
    {
        var copy = Directory.CreateDirectory(_folder.File("model")).FullName;
        foreach (var file in Directory.GetFiles(source))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    private string CopyWithNaN(string tensor)
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

    private static void ChangeConfig(string model, Action<JsonObject> change)
    {
        var path = Path.Combine(model, "config.json");
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        change(config);
        File.WriteAllText(path, config.ToJsonString());
    }

    private static IEnumerable<string> Snapshot(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Select(entry => $"{entry.FullName} {(entry as FileInfo)?.Length} {entry.LastWriteTimeUtc:O}")
            .Order(StringComparer.Ordinal)];
}
