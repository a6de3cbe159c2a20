using OneComp.Calibration;
using OneComp.Hub;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Runtime;
using static TorchSharp.torch;

namespace OneComp.Evaluation;

/// <summary>Takes evaluation windows through every block of a model.</summary>
internal static class FinalStates
{
    /// <summary>Windows of equal length together.</summary>
    public static List<EvaluationWindow[]> Batches(IReadOnlyList<EvaluationWindow> windows, Device device) =>
        [.. windows.GroupBy(window => window.Ids.Length).SelectMany(group => group.Chunk(new StatesPlacement([device]).WindowsPerBatch(group.Key)))];

    /// <summary>What the last block gives, batch by batch. The caller owns it.</summary>
    /// <param name="model">The model; one block of it is loaded at a time.</param>
    /// <param name="batches">The windows.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="bound">Told where the work is.</param>
    /// <param name="progress">Told at each block.</param>
    /// <param name="token">Asked before each batch.</param>
    public static HiddenStates Of(CausalModel model, IReadOnlyList<EvaluationWindow[]> batches, Device device, MemoryBound bound, IProgress<RunEvent>? progress, CancellationToken token)
    {
        using var scope = NewDisposeScope();
        var type = ComputeType.For(device, model.Config.TorchDType);
        var ids = batches.Select(batch => tensor(batch.SelectMany(window => window.Ids).ToArray(), dtype: ScalarType.Int64).reshape(batch.Length, -1)).ToList();
        var name = ModelReference.DisplayName(model.Config.Folder);
        bound.At($"{name}, embedding");
        var states = EmbeddedStates.Of(model, ids, new StatesPlacement([device]) { Progress = progress }, type, token);
        try
        {
            var guard = new NumericGuard(model.Config.Folder, null, progress); // a figure is over every window
            var blocks = model.Config.NumLayers;
            for (var index = 0; index < blocks; index++)
            {
                bound.At($"{name}, block {index + 1} of {blocks}");
                Report(model, $"block {index + 1} of {blocks}", index, progress);
                using var block = model.LoadBlock(index, device, type);
                BlockWalk.Forward(block, states, token, guard: guard);
            }

            bound.At($"{name}, head");
            Report(model, "head", blocks, progress);
            return states;
        }
        catch
        {
            states.Dispose();
            throw;
        }
    }

    /// <summary>Tells that nothing of the model is left to do.</summary>
    public static void Done(CausalModel model, IProgress<RunEvent>? progress) => Report(model, "done", model.Config.NumLayers + 1, progress);

    private static void Report(CausalModel model, string status, int done, IProgress<RunEvent>? progress) => progress?.Report(new ProgressEvent(
        0, "Measuring " + ModelReference.DisplayName(model.Config.Folder), status, done, model.Config.NumLayers + 1));
}
