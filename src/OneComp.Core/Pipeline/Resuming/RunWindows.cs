using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Pipeline.Memory;
using OneComp.Progress;
using OneComp.Runtime.Teams;
using OneComp.Safetensors;

namespace OneComp.Pipeline.Resuming;

/// <summary>
/// The calibration windows of a run, made at the first use: those of the text, which must be the ones that the run was begun with, and those
/// that the model made of them, which are kept since that takes a walk over the model for each round.
/// </summary>
/// <param name="folder">Where the run works.</param>
/// <param name="calibration">Reads the text.</param>
/// <param name="options">How many, how long, how often rewritten.</param>
/// <param name="model">The model.</param>
/// <param name="team">Where to compute.</param>
/// <param name="before">Hash of the text's windows when the run was begun; null where none were read then.</param>
/// <param name="progress">Told of rounds.</param>
internal sealed class RunWindows(
    RunFolder folder, CalibrationWindows calibration, QuantizationOptions options, CausalModel model, DeviceTeam team, string? before, IProgress<RunEvent>? progress)
{
    private const string Ids = "ids";
    private TokenWindows? _windows;

    /// <summary>Hash of the text's windows; null where none were read so far.</summary>
    public string? Hash { get; private set; } = before;

    /// <summary>The windows.</summary>
    /// <exception cref="CalibrationException">The text cannot be used.</exception>
    /// <exception cref="RunException">CalibrationChanged, or StateInvalid.</exception>
    public TokenWindows Get(CancellationToken token) => _windows ??= Make(token);

    private TokenWindows Make(CancellationToken token)
    {
        var windows = calibration.Load(options.NumCalibrationSamples, options.MaxLength!.Value, token);
        var hash = string.Create(CultureInfo.InvariantCulture, $"{windows.Length}:{Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<int>(windows.Ids)))}");
        if (Hash is not null && Hash != hash)
        {
            throw new RunException(RunError.CalibrationChanged, nameof(options.CalibrationPath), "The calibration text gives other windows than when the unfinished run was begun: the file has changed. Bring it back as it was, or start anew with -Force and without -Resume.");
        }

        Hash = hash;
        if (options.ResampleRounds == 0)
        {
            return windows;
        }

        if (File.Exists(folder.WindowsFile))
        {
            return Read(windows); // as many as the run began with, whatever the memory and the devices are now
        }

        var rounds = options.ResampleRounds ?? RoundsByMemory.For(model.Config, model.Topology, windows.Ids.Length, options.Qep is not null, [.. team.Workers.Select(worker => worker.Device)]);
        var extended = new WindowResampler(model, team, options.Seed).Extend(windows, rounds, progress, token);
        using var writer = SafetensorsWriter.Create(folder.WindowsFile, [new TensorSpec(Ids, DType.I32, [extended.Count, extended.Length])]);
        writer.Write(Ids, MemoryMarshal.AsBytes<int>(extended.Ids));
        writer.Commit();
        return extended;
    }

    private TokenWindows Read(TokenWindows windows)
    {
        try
        {
            using var file = SafetensorsFile.Open(folder.WindowsFile);
            var ids = file.ReadInt32(file.Require(Ids));
            var isWhole = options.ResampleRounds is { } rounds ? ids.Length == windows.Ids.Length * (rounds + 1) : ids.Length % windows.Ids.Length == 0;
            return isWhole && ids.AsSpan().StartsWith(windows.Ids) && ids.All(id => id >= 0 && id < model.Config.VocabularySize)
                ? new TokenWindows(ids, windows.Length)
                : throw RunState.Invalid($"'{folder.WindowsFile}' does not hold ids of the vocabulary that begin with those of the text and are as many, or as many again for each round", folder.Folder);
        }
        catch (SafetensorsException exception)
        {
            throw RunState.Invalid(exception.Message.TrimEnd('.'), folder.Folder, exception);
        }
    }
}
