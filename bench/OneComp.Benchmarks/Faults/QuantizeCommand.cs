namespace OneComp.Benchmarks.Faults;

/// <summary>The run that faults come into: a plan of AutoBit, calibration with error propagation, six blocks; about four seconds.</summary>
internal static class QuantizeCommand
{
    public const string TinyLlama = "./examples/models/tiny-llama";

    /// <summary>PowerShell for it.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="model">The model.</param>
    /// <param name="more">Further parameters.</param>
    public static string Of(string destination, string model = TinyLlama, string more = "") =>
        "2, 3, 4 | New-GptqQuantizer -GroupSize 64 -Preset Reference | New-AutoBitQuantizer -TargetBit 3 -NumCalibSamples 2 -CalibSeqLen 64 | "
        + $"Invoke-OneCompQuantization '{model}' '{destination}' -NumCalibrationSamples 16 -MaxLength 64 -ResampleRounds 1 -Device cpu {more}";
}
