using System.Globalization;
using System.Text.Json.Nodes;

namespace OneComp.Benchmarks.Faults;

/// <summary>A clock of the machine that is set while a run works: the process is given another time of day by a library that is loaded before the C library.</summary>
internal sealed class ClockFaults(string folder)
{
    // Two seconds after the start the time of day jumps; what counts time that passes is left alone.
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <time.h>
        static long jump(void) {
            static time_t began; struct timespec now; static int (*real)(clockid_t, struct timespec *);
            if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
            real(CLOCK_MONOTONIC, &now);
            if (!began) began = now.tv_sec;
            const char *seconds = getenv("CLOCK_JUMP");
            return seconds && now.tv_sec - began >= 2 ? atol(seconds) : 0;
        }
        int clock_gettime(clockid_t id, struct timespec *t) {
            static int (*real)(clockid_t, struct timespec *);
            if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
            int result = real(id, t);
            if (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE) t->tv_sec += jump();
            return result;
        }
        int gettimeofday(struct timeval *t, void *zone) {
            struct timespec now; clock_gettime(CLOCK_REALTIME, &now);
            t->tv_sec = now.tv_sec; t->tv_usec = now.tv_nsec / 1000; return 0;
        }
        time_t time(time_t *t) {
            struct timespec now; clock_gettime(CLOCK_REALTIME, &now);
            if (t) *t = now.tv_sec; return now.tv_sec;
        }
        """;

    public IEnumerable<FaultRow> Run()
    {
        var (code, library) = (Path.Combine(folder, "clock.c"), Path.Combine(folder, "clock.so"));
        File.WriteAllText(code, Source);
        ScratchVolume.Shell("cc", "-shared", "-fPIC", "-O1", "-o", library, code, "-ldl");
        var run = new FaultRun(Directory.CreateDirectory(Path.Combine(folder, "clock")).FullName);
        run.Undisturbed(Path.Combine(folder, "clock-undisturbed"));
        foreach (var (what, seconds) in ((string, long)[])[("an hour back", -3600), ("an hour on", 3600), ("to 1970", -1_900_000_000), ("ten years on", 315_360_000)])
        {
            yield return Jump(run, library, what, seconds);
        }
    }

    private static FaultRow Jump(FaultRun run, string library, string what, long seconds)
    {
        using var host = run.Start(QuantizeCommand.TinyLlama, null, null, "-Resume", ("LD_PRELOAD", library), ("CLOCK_JUMP", seconds.ToString(CultureInfo.InvariantCulture)));
        run.WaitForLog(host, 12);
        using var second = HostCommand.Run($"try {{ $null = {QuantizeCommand.Of(run.Destination)} }} catch {{ $_.FullyQualifiedErrorId; exit 2 }}");
        var locked = second.Output.Contains("DestinationLocked", StringComparison.Ordinal) || host.HasExited;
        host.Wait();
        var times = File.ReadLines(run.Log).Select(line => DateTime.Parse((string)JsonNode.Parse(line)!["time"]!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal)).ToList();
        var jumped = times.Zip(times.Skip(1)).Any(pair => Math.Abs((pair.Second - pair.First).TotalSeconds) > Math.Abs(seconds) / 2);
        var report = JsonNode.Parse(File.ReadAllBytes(Path.Combine(run.Destination, "run.json")))!;
        var took = (double)report["seconds"]!;
        var length = DateTime.Parse((string)report["ended"]!, CultureInfo.InvariantCulture) - DateTime.Parse((string)report["started"]!, CultureInfo.InvariantCulture);
        var right = jumped && locked && host.ExitCode == 0 && took is > 0 and < 600 && length >= TimeSpan.Zero && length < TimeSpan.FromMinutes(10)
            && report["phases"]!.AsArray().All(phase => (double)phase!["seconds"]! >= 0) && run.IsRight();
        return new FaultRow("clock", $"the clock set {what} in the middle of the run", 1, right ? 1 : 0,
            string.Create(CultureInfo.InvariantCulture, $"exit code {host.ExitCode}; the log's times jumped: {jumped}; the lock held: {locked}; run.json: {took:0.0} s, none of its phases negative; the result the same: {right}"));
    }
}
