using System.Text.Json.Nodes;
using OneComp.Pipeline;
using OneComp.Progress;

namespace OneComp.Logs;

/// <summary>Opens a run's journal, and writes how the run began and ended.</summary>
internal static class JournaledRun
{
    /// <summary>Runs work under a journal.</summary>
    /// <param name="options">The run; says where to log.</param>
    /// <param name="progress">Where events go on to.</param>
    /// <param name="work">Gets the journal, and the facts of run.json to fill in.</param>
    /// <exception cref="LogException">The log cannot be written.</exception>
    public static QuantizationResult Run(QuantizationOptions options, IProgress<RunEvent>? progress, Func<RunJournal, JsonObject, QuantizationResult> work)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var journal = new RunJournal(options.LogPath, progress);
        journal.Report(new FactEvent(RunEventId.RunStarted, $"Quantizing {options.Model} with {options.Quantizer.Name} into {options.Destination}."));
        journal.Report(RunProgress.Starting(options.Model));
        try
        {
            var result = work(journal, []);
            journal.Report(new FactEvent(RunEventId.RunFinished, $"{options.Destination} is done.")
            {
                Numbers =
                [
                    new("seconds", journal.Elapsed.TotalSeconds),
                    new("effective_bits", result.EffectiveBits),
                    new("checkpoint_bytes", result.CheckpointBytes),
                    new("layers", result.Assignment.Count),
                    new("warnings", journal.Warnings.Count),
                ],
            });
            return result;
        }
        catch (OperationCanceledException)
        {
            journal.Report(Ended(RunEventId.RunCancelled, "The run was stopped."));
            throw;
        }
        catch (Exception exception)
        {
            journal.Report(Ended(RunEventId.RunFailed, exception.Message));
            throw;
        }

        FactEvent Ended(RunEventId id, string message) => new(id, message) { Numbers = [new("seconds", journal.Elapsed.TotalSeconds)] };
    }
}
