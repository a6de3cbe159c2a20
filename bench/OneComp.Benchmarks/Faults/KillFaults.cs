using System.Globalization;

namespace OneComp.Benchmarks.Faults;

/// <summary>SIGKILL at moments drawn evenly over the time of a run, up to three in a row before it may end.</summary>
internal sealed class KillFaults(string folder, Random random)
{
    private const int MostInARow = 3;

    public IEnumerable<FaultRow> Run(int kills)
    {
        var run = new FaultRun(Directory.CreateDirectory(Path.Combine(folder, "kill")).FullName);
        run.Undisturbed(Path.Combine(folder, "kill-undisturbed"));
        var (done, chains, right, ended) = (0, 0, 0, 0);
        while (done < kills)
        {
            var row = 1 + random.Next(MostInARow);
            for (; row > 0 && done < kills; row--, done++)
            {
                using var host = run.Start();
                run.WaitForLog(host, 1);
                Thread.Sleep(TimeSpan.FromSeconds(random.NextDouble() * run.Seconds));
                host.Kill();
                if (Directory.Exists(run.Destination))
                {
                    ended++;
                    row = 0;
                }
            }

            // A run that was killed when its result had its name: the next command is told of it, and clears what is left beside.
            var (code, output) = run.Finish();
            chains++;
            var isRight = run.IsRight();
            right += isRight ? 1 : 0;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} kills: {(isRight ? "the same" : $"NOT the same, exit code {code}: {output}")}"));
        }

        yield return new FaultRow("kill", string.Create(CultureInfo.InvariantCulture, $"SIGKILL at {done} random moments of a run of {run.Seconds:0.0} s, up to {MostInARow} in a row, then -Resume"), chains, right,
            $"{chains} results, {right} the same to the last byte with nothing left beside them; {ended} kills came when the result had its name");
    }
}
