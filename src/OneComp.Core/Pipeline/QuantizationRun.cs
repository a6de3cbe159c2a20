using System.Diagnostics;
using System.Text.Json.Nodes;
using OneComp.Formats;
using OneComp.Logs;
using OneComp.Models;
using OneComp.Pipeline.Locking;
using OneComp.Pipeline.Resuming;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Records;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using OneComp.Safetensors;
using OneComp.Tuning;

namespace OneComp.Pipeline;

/// <summary>The main job: plan, calibrate, quantize block by block, save.</summary>
public static class QuantizationRun
{
    private const string GoOn = "What is done so far is kept: the same command with -Resume goes on from there.";

    /// <summary>Quantizes a model into a new folder.</summary>
    /// <param name="options">What, with what, where to.</param>
    /// <param name="progress">Told of phases, blocks and stages, warnings and details.</param>
    /// <param name="token">Stops the run; nothing is at the destination then, and beside it what the run needs to go on.</param>
    /// <exception cref="Errors.OneCompException">The model, quantizer, text, device or destination cannot be used.</exception>
    public static QuantizationResult Run(QuantizationOptions options, IProgress<RunEvent>? progress = null, CancellationToken token = default) =>
        JournaledRun.Run(options, progress, (journal, facts) => RunInFolder(options, journal, facts, (folder, result) =>
        {
            RunReport.Write(folder.Checkpoint, options, journal, null, facts);
            folder.Commit();
            return result;
        }, token));

    /// <summary>Quantizes into the run's own folder, under the destination's lock, and hands it on.</summary>
    /// <param name="options">What, with what, where to.</param>
    /// <param name="journal">What happens.</param>
    /// <param name="facts">Gets what run.json says of the run.</param>
    /// <param name="finish">Gets the folder with the whole checkpoint and what the run made; brings it to the destination.</param>
    /// <param name="token">Stops the run.</param>
    internal static QuantizationResult RunInFolder(
        QuantizationOptions options, RunJournal journal, JsonObject facts, Func<RunFolder, QuantizationResult, QuantizationResult> finish, CancellationToken token)
    {
        using var pool = new GpuPool();
        var clock = Stopwatch.StartNew();
        options.Quantizer.Validate();
        options.Qep?.Validate();
        options.TuningOrDefault().Validate();
        RunFolder.Sweep(options.Destination, journal);
        DestinationFolder.Check(options.Destination, options.Force, options.Model);
        DestinationFolder.MakeParent(options.Destination);
        using var locked = DestinationLock.Take(options.Destination, journal);
        DestinationFolder.Check(options.Destination, options.Force, options.Model); // another run may have ended meanwhile
        using var folder = RunFolder.Open(options, journal);
        try
        {
            return finish(folder, Quantize(options, folder, journal, facts, clock, token));
        }
        catch (Exception exception) when (OfDestination(exception, folder, options.Destination) is { } fault)
        {
            Leave(folder, options, journal, facts, fault);
            throw fault;
        }
        catch (Exception exception)
        {
            Leave(folder, options, journal, facts, exception);
            throw;
        }
    }

    /// <summary>The error to show for one that came of the destination's disk; null for others.</summary>
    private static DestinationException? OfDestination(Exception exception, RunFolder folder, string destination) => exception switch
    {
        OperationCanceledException or DestinationException or RunException => null,
        _ when DestinationException.IsDiskFull(exception) => DestinationException.OfFullDisk(destination, exception),
        IOException or SafetensorsException when !Directory.Exists(folder.Folder) => new DestinationException(
            DestinationError.Gone, destination, $"'{destination}' cannot be written any more: the folder '{folder.Folder}', in which the run works, is gone. Bring it back (a share may have gone away) and go on with -Resume.", exception),
        _ => null,
    };

    private static void Leave(RunFolder folder, QuantizationOptions options, RunJournal journal, JsonObject facts, Exception exception)
    {
        if (!folder.CanGoOn)
        {
            return;
        }

        journal.Report(exception is OperationCanceledException
            ? new VerboseEvent(GoOn)
            : new WarningEvent(GoOn));
        try
        {
            RunReport.Write(folder.Folder, options, journal, exception, facts);
        }
        catch (SafetensorsException second)
        {
            journal.Report(new VerboseEvent($"{FileNames.Report} could not be written: {second.Message}"));
        }
    }

    private static QuantizationResult Quantize(QuantizationOptions options, RunFolder folder, RunJournal journal, JsonObject facts, Stopwatch clock, CancellationToken token)
    {
        using var model = ModelFolder.OpenSource(options.Model);
        using var limit = GpuMemoryLimit.Use(options.MaxGpuMemoryGB);
        using var team = DeviceTeam.Parse(options.Device, options.BeforeWork);
        var calibration = new CalibrationWindows(options, model.Config);
        options = options with { MaxLength = options.MaxLength ?? calibration.DefaultLength };
        var steps = new RunProgress(options.Model, model.Config.NumLayers, journal);
        var state = RunStart.Of(options, model, team.Name, folder, journal);
        var source = new SourceGuard(model.Checkpoint.Folder, state.Source);
        try
        {
            return Quantize(options, folder, model, team, calibration, state, source, steps, journal, facts, clock, token);
        }
        catch (Exception exception) when (source.Explain(exception) is { } changed)
        {
            throw changed;
        }
        catch (Exception exception) when (MemoryBound.IsUnnamed(exception))
        {
            // Of what lies between the steps that speak for themselves.
            var phase = journal.Phases.Count == 0 ? "starting" : journal.Phases[^1].Name;
            var largest = model.Topology.Tensors.Max(tensor => tensor.ElementCount);
            throw MemoryBound.Error(ComputeDevices.NameOf(team.Device), $"while {phase}", MemoryNeed.Of(team.Device, "The largest tensor", 4 * largest), "-Resume goes on with what is done, on another -Device too.", exception);
        }
    }

    private static QuantizationResult Quantize(
        QuantizationOptions options, RunFolder folder, CausalModel model, DeviceTeam team, CalibrationWindows calibration, RunState state, SourceGuard source, RunProgress steps,
        RunJournal journal, JsonObject facts, Stopwatch clock, CancellationToken token)
    {
        options.BeforeRun?.Invoke(options, journal, token);
        facts["device"] = state.Device;
        facts["threads"] = state.Threads;
        facts["resumed"] = state.Resumed;
        facts["blocks"] = state.TotalBlocks;

        journal.Phase("planning");
        steps.Planning();
        var planner = new Planner(model, options, team.Device, calibration);
        var plan = state.Plan is { } stored ? planner.Restore(stored) : planner.Make(journal, token);
        steps.Planned(plan);
        options.AcceptPlan?.Invoke(plan);
        if (state.Plan is null && StoredPlan.Of(plan, options) is { } made)
        {
            source.Check();
            state = state with { Plan = made };
            RunStateFile.Write(folder.StateFile, state); // what took long is not to be lost
        }

        journal.Phase("quantizing");
        var windows = new RunWindows(folder, calibration, options, model, team, state.Windows, journal);
        QuantizationPlan done;
        IReadOnlyDictionary<string, string>? hashes;
        using (var writer = new QuantizedCheckpointWriter(folder.Checkpoint, model, plan))
        using (var keeper = RunStart.Keeper(options, folder, writer, plan, windows, source, journal, state))
        {
            done = new BlockQuantizer(model, plan, team, new BlockSettings(options.Qep, options.Quantizer.CalcQuantError), writer.Write, keeper)
                .Run(() => windows.Get(token), steps, token);
            journal.Phase("saving");
            steps.Saving();
            hashes = writer.Complete(token);
            source.Check(); // what was copied, too
        }

        if (options.TuningOrDefault() is { Steps: > 0 } tuning)
        {
            journal.Phase("tuning");
            hashes = null; // tensors are replaced
            GridTuning.Run(folder.Checkpoint, folder.Folder, model, windows.Get(token), tuning, options.Seed, team, journal, token);
        }

        Describe(options, model, folder.Checkpoint, done, hashes, token);
        var bytes = new DirectoryInfo(folder.Checkpoint).EnumerateFiles().Sum(file => file.Length);
        facts["effective_bits"] = plan.Summary.EffectiveBits;
        facts["target_bit"] = plan.Summary.TargetBit;
        facts["checkpoint_bytes"] = bytes;
        facts["layers"] = done.Layers.Count;
        steps.Done();
        return new QuantizationResult
        {
            Model = model.Config.Folder,
            Destination = Path.GetFullPath(options.Destination),
            TargetBit = plan.Summary.TargetBit,
            EffectiveBits = plan.Summary.EffectiveBits,
            CheckpointBytes = bytes,
            Elapsed = clock.Elapsed,
            Assignment = done.Rows(plan.Summary with { CheckpointBytes = bytes }),
        };
    }

    /// <summary>Model card, and the record of how it was made.</summary>
    private static void Describe(QuantizationOptions options, CausalModel model, string folder, QuantizationPlan done, IReadOnlyDictionary<string, string>? hashes, CancellationToken token)
    {
        var record = RunRecord.OfQuantization(options, options.Seed, done.Rows(done.Summary));
        ModelCard.KeepSourceCard(model.Checkpoint.Folder, folder);
        ModelCard.Write(folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Destination))), QuantizationSettings.Of(ModelConfig.Load(folder))?.Method, record);
        record.Write(folder, token, hashes);
    }
}
