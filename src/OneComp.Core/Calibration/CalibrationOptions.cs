namespace OneComp.Calibration;

/// <summary>Which text or token ids to calibrate on, and how much of it.</summary>
public sealed record CalibrationOptions
{
    /// <summary>A .txt, .jsonl, .jsonl.gz or .parquet file with text, or a .safetensors file with token ids.</summary>
    public required string Path { get; init; }

    /// <summary>The JSON field or parquet column with the text; null means <c>text</c>.</summary>
    public string? TextColumn { get; init; } = TextSource.DefaultTextColumn;

    /// <summary>The tensor with the token ids, where a .safetensors file has several 2-D integer tensors.</summary>
    public string? TensorName { get; init; }

    /// <summary>Number of windows, at least 1. With <see cref="CalibrationStrategy.ConcatChunk"/> the least number.</summary>
    public int NumSamples { get; init; } = 128;

    /// <summary>
    /// Tokens in a window, at least 2 (a window of one token has no next token to predict). Rows of a token-id file are cut to
    /// their first MaxLength ids where they are longer, and used as they are otherwise.
    /// </summary>
    public int MaxLength { get; init; } = 2048;

    /// <summary>How windows are cut from text; by default exactly <see cref="NumSamples"/> from the start of the text.</summary>
    public CalibrationStrategy Strategy { get; init; } = CalibrationStrategy.ConcatChunkAlign;

    /// <summary>Seed of <see cref="CalibrationStrategy.DropRand"/>.</summary>
    public int Seed { get; init; }

    /// <summary>Fails on the first value outside its range.</summary>
    /// <exception cref="CalibrationException">A value is outside its range.</exception>
    internal void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(Path), nameof(Path), Path, "the path of a file");
        Require(NumSamples >= 1, nameof(NumSamples), NumSamples, "at least 1");
        Require(MaxLength >= 2, nameof(MaxLength), MaxLength, "at least 2");
        Require(Enum.IsDefined(Strategy), nameof(Strategy), Strategy, $"one of {string.Join(", ", Enum.GetNames<CalibrationStrategy>())}");
        Require(
            (long)NumSamples * MaxLength <= Array.MaxLength,
            nameof(NumSamples),
            NumSamples,
            $"at most {Array.MaxLength / MaxLength} where MaxLength is {MaxLength}");
    }

    private static void Require(bool holds, string option, object? value, string expected)
    {
        if (!holds)
        {
            throw new CalibrationException(
                CalibrationError.OptionOutOfRange, option, $"{option} is '{value}'; it has to be {expected}.");
        }
    }
}
