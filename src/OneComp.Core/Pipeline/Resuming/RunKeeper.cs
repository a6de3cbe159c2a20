using System.Diagnostics;
using System.Globalization;
using OneComp.Calibration;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Progress;
using OneComp.Quantization;
using OneComp.Safetensors;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Resuming;

/// <summary>
/// Keeps what a run needs to go on: after each block its state, and as often as the time that it takes allows the calibration states. A run
/// that goes on finds its place here.
/// </summary>
/// <param name="folder">Where it works.</param>
/// <param name="writer">The checkpoint.</param>
/// <param name="plan">The plan.</param>
/// <param name="windows">The calibration windows.</param>
/// <param name="source">The model's files.</param>
/// <param name="share">What writing calibration states may take of the time.</param>
/// <param name="progress">Told of each block.</param>
/// <param name="state">Where the run stands; from here on kept here.</param>
internal sealed class RunKeeper(
    RunFolder folder, QuantizedCheckpointWriter writer, QuantizationPlan plan, RunWindows windows, SourceGuard source, double share, IProgress<RunEvent>? progress, RunState state) : IDisposable
{
    private const double FirstBytesPerSecond = 400e6; // what writing states is taken to reach before it was seen

    private readonly Stopwatch _sinceStates = Stopwatch.StartNew();
    private readonly Stopwatch _sinceBlock = Stopwatch.StartNew();
    private double? _bytesPerSecond; // seen at the last writing
    private bool _keepsStates = share > 0;
    private int? _states = state.StatesBlocks;  // what is or will be on the disk; the state says it once its block is finished
    private RunState _state = state;
    private SavedLayers? _saved;

    /// <summary>Blocks that were finished before.</summary>
    public int Finished { get; } = state.Blocks;

    /// <summary>Blocks that the states have gone through that are kept; 0 for none.</summary>
    public int StatesBlocks { get; } = state.StatesBlocks ?? 0;

    /// <summary>The curvatures of outputs: those that are kept, or those that are made now, which are then kept.</summary>
    public OutputCurvatures Curvatures(Device device, Func<OutputCurvatures> make)
    {
        if (File.Exists(folder.CurvaturesFile))
        {
            return Using(() => OutputCurvatures.Read(folder.CurvaturesFile, plan, device));
        }

        var made = make();
        if (made.Any)
        {
            source.Check();
            made.Write(folder.CurvaturesFile);
            Write();
        }

        return made;
    }

    /// <summary>The calibration states that are kept, of <see cref="StatesBlocks"/> blocks.</summary>
    public (HiddenStates Full, HiddenStates? Quantized) States(TokenWindows calibration, int hidden, bool propagated, StatesPlacement placement, ScalarType type, CancellationToken token) =>
        Using(() => StatesFile.Read(folder.StatesFile(StatesBlocks), StatesBlocks, calibration, hidden, propagated, placement, type, token));

    /// <summary>A finished layer as it was planned, with its errors where they were measured.</summary>
    /// <exception cref="RunException">StateInvalid: they are not there.</exception>
    public PlannedLayer Done(PlannedLayer planned, bool measured) => !measured ? planned
        : _state.Errors.TryGetValue(planned.Layer.Name, out var errors) ? planned with { Errors = errors }
        : throw RunState.Invalid($"its state has no errors of {planned.Layer.Name}", folder.StateFile);

    /// <summary>Ŵ of a finished layer, (d_out, d_in), float32, on the CPU. The caller owns it.</summary>
    public Tensor Weight(LinearLayer layer) => Using(() =>
        (_saved ??= new SavedLayers(folder.Checkpoint, writer.Parts, plan, _state.TotalBlocks)).Weight(layer));

    /// <summary>Keeps a block that is quantized: its layers are on their way to the saver.</summary>
    /// <param name="block">Its index.</param>
    /// <param name="done">Its layers.</param>
    /// <param name="full">States after it; null where nothing is calibrated.</param>
    /// <param name="quantized">As quantized; null without error propagation.</param>
    /// <param name="saver">Brings the layers to the disk.</param>
    /// <param name="token">Asked while states are written.</param>
    public void Keep(int block, IReadOnlyList<PlannedLayer> done, HiddenStates? full, HiddenStates? quantized, LayerSaver saver, CancellationToken token)
    {
        if (full is not null && block + 1 < _state.TotalBlocks)
        {
            KeepStates(block + 1, full, quantized, token);
        }

        var states = _states;
        var seconds = _sinceBlock.Elapsed.TotalSeconds;
        _sinceBlock.Restart();
        saver.Then(() => Finish(block, done, states, seconds));
    }

    public void Dispose() => _saved?.Dispose();

    private void KeepStates(int blocks, HiddenStates full, HiddenStates? quantized, CancellationToken token)
    {
        var bytes = full.Bytes + (quantized?.Bytes ?? 0);
        if (!_keepsStates || bytes / (_bytesPerSecond ?? FirstBytesPerSecond) > share * _sinceStates.Elapsed.TotalSeconds)
        {
            return;
        }

        var clock = Stopwatch.StartNew();
        try
        {
            StatesFile.Write(folder.StatesFile(blocks), blocks, full, quantized, token);
        }
        catch (SafetensorsException exception) when (exception.Error is SafetensorsError.DiskFull)
        {
            _keepsStates = false;
            progress?.Report(new WarningEvent($"{exception.Message} Calibration states are not kept any more; a run that goes on walks through the finished blocks instead."));
            return;
        }

        _states = blocks;
        var seconds = clock.Elapsed.TotalSeconds;
        _bytesPerSecond = bytes / seconds;
        _sinceStates.Restart();
        progress?.Report(new FactEvent(RunEventId.StatesSaved, string.Create(CultureInfo.InvariantCulture, $"The calibration states after {blocks} blocks were kept in {seconds:0.##} s."))
        {
            Block = blocks - 1,
            Numbers = [new("seconds", seconds), new("bytes", new FileInfo(folder.StatesFile(blocks)).Length)],
        });
    }

    // On the saver's thread, after the block's layers. The order makes a kill harmless at any moment: first the weights are on the disk,
    // then the state names the block and its calibration states, then the states before it go.
    private void Finish(int block, IReadOnlyList<PlannedLayer> done, int? states, double seconds)
    {
        source.Check();
        writer.Flush(CancellationToken.None);
        var errors = new Dictionary<string, LayerErrors>(_state.Errors);
        foreach (var planned in done.Where(planned => planned.Errors is not null))
        {
            errors[planned.Layer.Name] = planned.Errors!;
        }

        var before = _state.StatesBlocks;
        _state = _state with { Blocks = block + 1, StatesBlocks = states, Errors = errors };
        Write();
        if (before is { } old && old != states)
        {
            File.Delete(folder.StatesFile(old));
        }

        progress?.Report(new FactEvent(RunEventId.BlockFinished, string.Create(CultureInfo.InvariantCulture, $"Block {block + 1} of {_state.TotalBlocks} is done, after {seconds:0.##} s."))
        {
            Block = block,
            Numbers = [new("seconds", seconds), new("done", block + 1), new("total", _state.TotalBlocks), new("layers", done.Count), new("memory_bytes", Environment.WorkingSet)],
        });
    }

    private void Write() => RunStateFile.Write(folder.StateFile, _state = _state with { Windows = windows.Hash });

    private T Using<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is InvalidDataException or SafetensorsException or QuantizedFormatException)
        {
            throw RunState.Invalid(exception.Message.TrimEnd('.'), folder.Folder, exception);
        }
    }
}
