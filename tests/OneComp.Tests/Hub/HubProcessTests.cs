using System.Diagnostics;
using OneComp.Tests.Support;

namespace OneComp.Tests.Hub;

/// <summary>The cmdlets against the fake hub, in a process of their own with its own environment.</summary>
public sealed class HubProcessTests : HubTest
{
    private const string TinyLlama = FakeHub.Id;

    [Fact]
    public void An_estimate_by_id_asks_for_the_settings_alone_and_flows_on_to_quantizing()
    {
        HoldTinyLlama();
        var (exitCode, output, error) = Run(
            $"Get-OneCompVramEstimate {TinyLlama} -TotalVramGB 0.01 | ForEach-Object {{ \"$($_.Model) $($_.TotalParams)\" }}; "
            + $"(Get-OneCompModel {TinyLlama}).Count");
        Assert.Equal((0, "", "acme/tiny 6229248\n43\n"), (exitCode, error, output.ReplaceLineEndings("\n")));
        Assert.Equal(["config.json"], Hub.Fetches.Select(request => request.File));

        (exitCode, output, error) = Run(
            $"New-RtnQuantizer 4 | Invoke-OneCompQuantization {TinyLlama} -Destination '{Folder.File("never")}' -WhatIf; "
            + $"$r = New-RtnQuantizer 4 | Invoke-OneCompQuantization {TinyLlama} -Destination '{Folder.File("q")}'; $r.Model");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(TinyLlama, output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')[^1]);
        Assert.False(Directory.Exists(Folder.File("never")));
        Assert.True(File.Exists(Folder.File("q/tokenizer.json")));
        Assert.Equal(Hub.Files.Count, Hub.Fetches.Select(request => request.File).Distinct().Count());
    }

    [Fact]
    public void WhatIf_of_a_download_asks_nothing_and_of_a_run_the_settings_alone()
    {
        HoldTinyLlama();
        var (exitCode, output, error) = Run($"Save-OneCompModel {TinyLlama} -Destination '{Destination}' -WhatIf");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("Download acme/tiny", output, StringComparison.Ordinal);
        Assert.Empty(Hub.Requests);
        Assert.Empty(AllFiles());

        (exitCode, output, error) = Run($"$f = New-GptqQuantizer 4 | Invoke-OneCompQuantization {TinyLlama} '{Folder.File("q")}' -Device cpu -WhatIf; \"$($f.Source) $($f.Layers) $($f.CalibrationTokens)\"");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("acme/tiny 42 65536", output, StringComparison.Ordinal); // 128 windows of 512, as asked for: there is no tokenizer to count with
        Assert.Equal(["config.json"], Hub.Fetches.Select(request => request.File));
    }

    [Fact]
    public void A_token_is_used_and_told_nowhere()
    {
        HoldTinyLlama();
        Hub.Fault = request => request.File == "tokenizer.json" ? new FakeFault { Status = 403 } : null;
        var (_, output, error) = Run($"Save-OneCompModel {TinyLlama} '{Destination}' -Token hf_verysecret -Verbose -Debug -ErrorAction Continue; $Error[0].ToString(); $Error[0].Exception.ToString()");
        Assert.Contains("gated", error + output, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_verysecret", error + output, StringComparison.Ordinal);
        Assert.Contains(Hub.Requests, request => request.Authorization == "Bearer hf_verysecret");
    }

    [Fact]
    public void A_token_is_in_neither_log_nor_report()
    {
        HoldTinyLlama();
        const string token = "hf_abcdefghijklmnopqrstuvwxyz0123";
        Run(
            $"New-RtnQuantizer 4 | Invoke-OneCompQuantization {TinyLlama} '{Folder.File("q")}' -LogPath '{Folder.File("log.jsonl")}' -Verbose; "
            + $"New-RtnQuantizer 4 -Name {token} | Invoke-OneCompQuantization {TinyLlama} '{Folder.File("r")}' -LogPath '{Folder.File("log.jsonl")}'",
            ("HF_TOKEN", token));
        Assert.Contains(Hub.Requests, request => request.Authorization == $"Bearer {token}");
        var (log, report) = (File.ReadAllText(Folder.File("log.jsonl")), File.ReadAllText(Folder.File("q/run.json")) + File.ReadAllText(Folder.File("r/run.json")));
        Assert.Contains("fetching it from", log, StringComparison.Ordinal);
        Assert.Contains("********", log, StringComparison.Ordinal); // the name that the second run was given on purpose
        Assert.DoesNotContain(token, log + report, StringComparison.Ordinal);
    }

    [Fact]
    public void Neither_a_token_of_another_form_nor_a_password_of_an_address_is_told()
    {
        HoldTinyLlama();
        Hub.Fault = _ => new FakeFault { Status = 403 };
        const string token = "mirror.token.0123456789";
        var command = $"Save-OneCompModel {TinyLlama} '{Destination}' -Include config.json -Verbose -Debug -ErrorAction Continue; $Error | ForEach-Object {{ $_.ToString(); $_.Exception.ToString(); $_.TargetObject }}";
        var (_, output, error) = Run(command, ("HF_TOKEN", token));
        Assert.Contains(Hub.Requests, request => request.Authorization == $"Bearer {token}");
        Assert.DoesNotContain(token, output + error, StringComparison.Ordinal);
        (_, output, error) = Run(command, ("HF_ENDPOINT", Hub.Endpoint.AbsoluteUri.Replace("://", "://anna:verysecret@", StringComparison.Ordinal)));
        Assert.Contains("HF_ENDPOINT", output + error, StringComparison.Ordinal);
        Assert.DoesNotContain("verysecret", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_proxy_of_the_environment_is_used()
    {
        HoldTinyLlama();
        var (exitCode, _, error) = Run(
            $"Save-OneCompModel {TinyLlama} '{Destination}' -Include config.json",
            ("HF_ENDPOINT", "http://hub.example"), ("HTTP_PROXY", Hub.Endpoint.AbsoluteUri), ("http_proxy", Hub.Endpoint.AbsoluteUri), ("NO_PROXY", ""), ("no_proxy", ""));
        Assert.Equal((0, ""), (exitCode, error));
        Assert.True(File.Exists(Path.Combine(Destination, "config.json")));
    }

    [Fact]
    public void A_process_that_is_killed_leaves_what_it_received_to_the_next()
    {
        const int size = 8 << 20;
        var content = FakeFile.Bytes(size);
        Hub.Files.Add(FakeFile.Large("model.safetensors", content));
        var parts = new[] { size / 4, size / 2, size * 3 / 4 };
        for (var i = 0; i < parts.Length; i++)
        {
            var stall = parts[i] + 1234;
            Hub.Fault = request => request.IsStorage ? new FakeFault { StallAt = stall } : null;
            using var process = Start($"Save-OneCompModel {TinyLlama} '{Destination}'");
            var reached = SpinWait.SpinUntil(() => PartialBytes() >= parts[i] || process.HasExited, TimeSpan.FromSeconds(60));
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            Assert.True(reached && PartialBytes() >= parts[i], $"the {i + 1}. process received {PartialBytes()} bytes: {process.StandardError.ReadToEnd()}");
        }

        var left = PartialBytes();
        Hub.Fault = _ => null;
        var (exitCode, output, error) = Run($"Save-OneCompModel {TinyLlama} '{Destination}' | ForEach-Object BytesFetched");
        Assert.Equal((0, "", $"{size - left}\n"), (exitCode, error, output.ReplaceLineEndings("\n")));
        Assert.Equal(content, Saved());
        var offsets = Hub.Fetches.Select(request => request.Offset).ToList();
        Assert.Equal(0, offsets[0]);
        Assert.All(Enumerable.Range(0, 3), i => Assert.InRange(offsets[i + 1], parts[i], parts[i] + 1234)); // what was written is not asked for again, and at most a chunk was not written
    }

    private long PartialBytes() => Directory.Exists(Destination) ? Directory.GetFiles(Destination, "*.incomplete").Select(path => new FileInfo(path).Length).SingleOrDefault() : 0;

    private void HoldTinyLlama() => Hub.Files.AddRange(Directory.GetFiles(Repository.TinyLlama).Select(path => Path.GetExtension(path) == ".safetensors"
        ? FakeFile.Large(Path.GetFileName(path), File.ReadAllBytes(path))
        : FakeFile.Small(Path.GetFileName(path), File.ReadAllBytes(path))));

    private (int ExitCode, string Output, string Error) Run(string script, params (string Name, string Value)[] environment)
    {
        using var process = Start(script, environment);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(2)), "the host did not end");
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private Process Start(string script, params (string Name, string Value)[] environment) => HostProcess.StartProcess(
        ["-Command", $"Import-Module '{Repository.Manifest}'; $ProgressPreference = 'SilentlyContinue'; {script}"],
        [("HF_ENDPOINT", Hub.Endpoint.AbsoluteUri), ("HF_HUB_CACHE", Cache), ("HF_HOME", Folder.File("home")), ("HF_HUB_OFFLINE", "0"), ("HF_TOKEN", ""), .. environment]);
}
