using System.Globalization;
using OneComp.Pipeline.Locking;
using OneComp.Progress;
using OneComp.Tuning;

namespace OneComp.Pipeline.Resuming;

/// <summary>
/// The hidden folder beside a destination that a run works in: the checkpoint as it grows, the run's state, and calibration states. It
/// stays when a run ends early and there is something to go on from, and is gone when the run is done.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private readonly string _destination;

    private RunFolder(string destination, RunState? state) => (_destination, State) = (destination, state);

    /// <summary>The state that an earlier part of the run left; null for a run from the start.</summary>
    public RunState? State { get; }

    /// <summary>The folder.</summary>
    public string Folder => PathOf(_destination);

    /// <summary>Whether it holds anything that a run could go on from.</summary>
    public bool CanGoOn => File.Exists(StateFile);

    /// <summary>The checkpoint in it.</summary>
    public string Checkpoint => Path.Combine(Folder, "checkpoint");

    /// <summary>The file of the run's state.</summary>
    public string StateFile => StateFileOf(_destination);

    /// <summary>The file of the calibration states after so many blocks.</summary>
    public string StatesFile(int blocks) => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"states-{blocks}.safetensors"));

    /// <summary>The file of the curvatures of outputs.</summary>
    public string CurvaturesFile => Path.Combine(Folder, "curvatures.safetensors");

    /// <summary>The file of the calibration windows, where the model made some.</summary>
    public string WindowsFile => Path.Combine(Folder, "windows.safetensors");

    /// <summary>The folder of a destination's runs.</summary>
    public static string PathOf(string destination)
    {
        destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        return Path.Combine(Path.GetDirectoryName(destination)!, $".{Path.GetFileName(destination)}.run");
    }

    /// <summary>Removes what a run left that was killed after its checkpoint had got its name: the rest of the folder, and its lock.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="progress">Told of a lock that is taken over.</param>
    public static void Sweep(string destination, IProgress<RunEvent>? progress)
    {
        var folder = new RunFolder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination)), null);
        if (!Directory.Exists(folder._destination) || !(folder.IsSpent || File.Exists(DestinationLock.FileOf(destination))))
        {
            return;
        }

        try
        {
            using var locked = DestinationLock.Take(destination, progress);
            if (folder.IsSpent)
            {
                folder.Delete();
            }
        }
        catch (Exception exception) when (exception is DestinationException or IOException or UnauthorizedAccessException)
        {
            // Another run works there, or the system refuses: who wants the destination is told.
        }
    }

    private bool IsSpent => Directory.Exists(Folder) && !Directory.Exists(Checkpoint) && !Directory.Exists(Checkpoint + ".old");

    /// <summary>Opens it for a run that holds the destination's lock.</summary>
    /// <param name="options">Where to, and what to do with an unfinished run.</param>
    /// <param name="progress">Told of a run that is removed.</param>
    /// <exception cref="RunException">Unfinished, or StateInvalid.</exception>
    /// <exception cref="DestinationException">NotWritable.</exception>
    public static RunFolder Open(QuantizationOptions options, IProgress<RunEvent>? progress)
    {
        var destination = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Destination));
        var folder = new RunFolder(destination, null);
        try
        {
            DestinationFolder.PutBack(destination, folder.Checkpoint);
            if (folder.CanGoOn && Directory.Exists(folder.Checkpoint))
            {
                if (options.Resume)
                {
                    var state = RunStateFile.Read(folder.StateFile);
                    folder.Tidy(state.StatesBlocks is { } blocks ? folder.StatesFile(blocks) : null);
                    return new RunFolder(destination, state);
                }

                Discard(folder, options.Force, progress);
            }

            DestinationFolder.DeleteIfThere(folder.Folder); // what a run left that was killed before there was anything to go on from
            Directory.CreateDirectory(folder.Checkpoint);
            return folder;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw DestinationException.Of(destination, "cannot be written", "Choose another -Destination, or change its permissions.", exception);
        }
    }

    /// <summary>Gives the checkpoint the destination's name and leaves nothing else.</summary>
    /// <exception cref="DestinationException">The old destination is in use.</exception>
    public void Commit()
    {
        DestinationFolder.Replace(_destination, Checkpoint);
        Delete();
    }

    /// <summary>Deletes it: the run is done.</summary>
    public void Delete() => DestinationFolder.DeleteIfThere(Folder);

    /// <summary>Deletes it where there is nothing to go on from.</summary>
    public void Dispose()
    {
        try
        {
            if (!CanGoOn)
            {
                DestinationFolder.DeleteIfThere(Folder);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Often there is an error on its way already, which must not be hidden by this one. The next run tries again.
        }
    }

    /// <summary>Removes what a run was just writing when it ended, and all of the checkpoint but its weights, which is made again.</summary>
    private void Tidy(string? statesFile)
    {
        string?[] kept = [StateFile, statesFile, CurvaturesFile, WindowsFile, .. TunedPart.In(Folder).Select(part => part.Path)];
        foreach (var path in Directory.EnumerateFiles(Folder).Where(path => !kept.Contains(path))
            .Concat(Directory.EnumerateFiles(Checkpoint).Where(path => !IsWeights(path)))
            .ToList())
        {
            File.Delete(path);
        }
    }

    private static bool IsWeights(string path) =>
        path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(Safetensors.PendingFile.PartSuffix, StringComparison.Ordinal);

    private static string StateFileOf(string destination) => Path.Combine(PathOf(destination), "run-state.json");

    private static void Discard(RunFolder folder, bool force, IProgress<RunEvent>? progress)
    {
        var what = Describe(folder);
        if (!force)
        {
            throw new RunException(RunError.Unfinished, folder._destination, $"There is an unfinished run of '{folder._destination}' ({what}). Give the same command with -Resume to go on with it, or -Force to remove it and start anew.");
        }

        progress?.Report(new FactEvent(RunEventId.RunDiscarded, $"An unfinished run was removed ({what}): -Force without -Resume starts anew."));
    }

    private static string Describe(RunFolder folder)
    {
        try
        {
            var state = RunStateFile.Read(folder.StateFile);
            return string.Create(CultureInfo.InvariantCulture, $"begun by {state.Begun}; {state.Blocks} of {state.TotalBlocks} blocks done");
        }
        catch (RunException)
        {
            return "its state is damaged";
        }
    }
}
