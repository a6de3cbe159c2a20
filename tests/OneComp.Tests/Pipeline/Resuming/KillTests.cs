using System.Diagnostics;
using OneComp.Quantization.Gptq;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline.Resuming;

/// <summary>Processes that are killed without warning, at moments by a seed. <c>bench -- resume</c> does the same on tiny-llama, at more of them.</summary>
public sealed class KillTests : IDisposable
{
    private const int LinesOfRun = 50; // of the log, to the last block
    private readonly StoppedRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_killed_run_goes_on_and_makes_what_a_run_makes_that_was_never_stopped()
    {
        var options = _run.Options(new GptqQuantizer { WBits = 4, GroupSize = 32 });
        var expected = _run.Run(options);
        var random = new Random(11);
        for (var kill = 0; kill < 3; kill++)
        {
            var line = random.Next(5, LinesOfRun);
            KillAtLine(line);
            Assert.True(Directory.Exists(_run.RunFolder), $"the run was done before it was killed at line {line}");
            File.Delete(_run.File("log.jsonl"));

            Assert.Equal(expected, _run.Run(options with { Resume = true }));
        }
    }

    private void KillAtLine(int line)
    {
        using var process = HostProcess.StartProcess(
            ["-Command", $"Import-Module ./OneComp.psd1; New-GptqQuantizer 4 -GroupSize 32 -Preset Reference | Invoke-OneCompQuantization '{_run.Source}' '{_run.Destination}' -CalibrationPath '{_run.Ids}' -NumCalibrationSamples 40 -MaxLength 32 -Device cpu -LogPath '{_run.File("log.jsonl")}'"],
            ("OMP_NUM_THREADS", "1"));
        var clock = Stopwatch.StartNew();
        while (!process.HasExited && Lines() < line)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), "the run did not get that far");
            Thread.Sleep(2);
        }

        process.Kill();
        process.WaitForExit();
        int Lines() => File.Exists(_run.File("log.jsonl")) ? ReadShared(_run.File("log.jsonl")).Count(letter => letter == '\n') : 0;
    }

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
