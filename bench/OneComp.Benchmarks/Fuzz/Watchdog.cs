namespace OneComp.Benchmarks.Fuzz;

/// <summary>Ends the process when one input takes so long that it will not come back, and leaves the input behind.</summary>
internal sealed class Watchdog : IDisposable
{
    private const int HangExitCode = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private readonly string _folder;
    private byte[] _input = [];
    private string _name = "";
    private long _since = Environment.TickCount64;

    public Watchdog(string folder)
    {
        _folder = folder;
        _timer = new Timer(_ => Look(), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
    }

    /// <summary>Says what is about to be read.</summary>
    public void Next(string target, int number, byte[] input)
    {
        lock (_gate)
        {
            (_name, _input, _since) = ($"{target}-{number}", input, Environment.TickCount64);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            if (Environment.TickCount64 - _since > Patience.TotalMilliseconds)
            {
                Directory.CreateDirectory(_folder);
                File.WriteAllBytes(Path.Combine(_folder, _name + ".hang"), _input);
                Console.Error.WriteLine($"{_name} has taken over {Patience.TotalSeconds:0} s; its input is in {_folder}");
                Environment.Exit(HangExitCode);
            }
        }
    }
}
