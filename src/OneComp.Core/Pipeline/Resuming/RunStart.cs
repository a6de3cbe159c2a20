using System.Globalization;
using OneComp.Formats;
using OneComp.Logs;
using OneComp.Models;
using OneComp.Pipeline.Locking;
using OneComp.Progress;
using OneComp.Quantization;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Resuming;

/// <summary>How a run begins, or goes on.</summary>
internal static class RunStart
{
    /// <summary>The state that a run begins with: a new one, or the one that it left where model and settings are the same.</summary>
    /// <exception cref="RunException">SettingChanged, SourceChanged or StateInvalid.</exception>
    public static RunState Of(QuantizationOptions options, CausalModel model, string name, RunFolder folder, RunJournal journal)
    {
        var settings = RunSettings.Of(options);
        var source = SourceFile.Of(model.Checkpoint.Folder);
        var threads = get_num_threads();
        if (folder.State is not { } state)
        {
            return new RunState
            {
                Begun = LockOwner.Current(),
                Settings = settings,
                Source = source,
                Device = name,
                Threads = threads,
                TotalBlocks = model.Config.NumLayers,
            };
        }

        RunSettings.RequireSame(state.Settings, settings, options.Destination);
        SourceFile.RequireSame(state.Source, source, model.Checkpoint.Folder);
        if (state.TotalBlocks != model.Config.NumLayers)
        {
            throw RunState.Invalid(string.Create(CultureInfo.InvariantCulture, $"its state speaks of {state.TotalBlocks} blocks, but the model has {model.Config.NumLayers}"), folder.StateFile);
        }

        journal.Report(new FactEvent(RunEventId.RunResumed, string.Create(CultureInfo.InvariantCulture, $"Going on with the run begun by {state.Begun}: {state.Blocks} of {state.TotalBlocks} blocks are done."))
        {
            Numbers = [new("done", state.Blocks), new("total", state.TotalBlocks), new("states", state.StatesBlocks ?? 0)],
        });
        if (state.Device != name || state.Threads != threads)
        {
            journal.Report(new WarningEvent(string.Create(CultureInfo.InvariantCulture, $"The run went on {state.Device} with {state.Threads} threads so far, and goes on now on {name} with {threads}: its result may differ in last digits from that of a run that was never stopped.")));
        }

        return state with { Device = name, Threads = threads, Resumed = state.Resumed + 1 };
    }

    /// <summary>What keeps the run; the checkpoint's finished layers are marked as written.</summary>
    /// <exception cref="RunException">StateInvalid: files of finished layers are missing.</exception>
    public static RunKeeper Keeper(QuantizationOptions options, RunFolder folder, QuantizedCheckpointWriter writer, QuantizationPlan plan, RunWindows windows, SourceGuard source, RunJournal journal, RunState state)
    {
        if (state.Blocks > 0 && !writer.Found)
        {
            throw RunState.Invalid(string.Create(CultureInfo.InvariantCulture, $"the weights of its {state.Blocks} finished blocks are not in '{folder.Checkpoint}', or are laid out for another plan"), folder.StateFile);
        }

        foreach (var planned in plan.Layers.Where(planned => planned.Layer.Block < state.Blocks))
        {
            writer.MarkWritten(planned);
        }

        return new RunKeeper(folder, writer, plan, windows, source, options.StatesShare, journal, state);
    }
}
