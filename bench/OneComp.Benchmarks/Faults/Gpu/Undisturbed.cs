using OneComp.Tests.Pipeline.Memory.Shortage;

namespace OneComp.Benchmarks.Faults.Gpu;

/// <summary>The result of a run that nothing was taken from, and how a second such run stood to it.</summary>
internal sealed class Undisturbed
{
    private readonly SortedDictionary<string, string> _files;
    private readonly string _source;

    /// <summary>Runs twice.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="job">Which.</param>
    /// <param name="folder">A folder of its own, where the first result stays.</param>
    /// <param name="second">Runs it once more, into a destination.</param>
    public Undisturbed(ShortageJobs jobs, ShortageJob job, string folder, Action<string> second)
    {
        _source = jobs.Source;
        Folder = Path.Combine(Directory.CreateDirectory(folder).FullName, "q");
        jobs.Run(job, Folder, resume: false, null);
        _files = ResultFolder.Hashes(Folder);
        var twin = Path.Combine(Directory.CreateDirectory(folder + "-twin").FullName, "q");
        second(twin);
        Repeats = ResultFolder.Hashes(twin).SequenceEqual(_files);
        Twin = Compare(twin).Text;
        ResultFolder.Clear(twin);
    }

    /// <summary>The first result.</summary>
    public string Folder { get; }

    /// <summary>Whether the device gives the same bytes twice.</summary>
    public bool Repeats { get; }

    /// <summary>How the second stands to the first.</summary>
    public string Twin { get; }

    /// <summary>Holds a result against this.</summary>
    /// <returns>Whether it is the same to the last byte, whether it is as good, and both in words.</returns>
    public (bool Same, bool AsGood, string Text) Compare(string destination)
    {
        if (!Directory.Exists(destination))
        {
            return (false, false, "NO RESULT");
        }

        var files = ResultFolder.Hashes(destination);
        if (files.SequenceEqual(_files))
        {
            return (true, true, "same bytes");
        }

        if (!files.Keys.SequenceEqual(_files.Keys))
        {
            return (false, false, $"OTHER FILES: {string.Join(", ", files.Keys.Except(_files.Keys).Concat(_files.Keys.Except(files.Keys)))}");
        }

        var agreement = CodeAgreement.Of(_source, Folder, destination);
        return (false, agreement.IsAsGood, agreement.ToString());
    }
}
