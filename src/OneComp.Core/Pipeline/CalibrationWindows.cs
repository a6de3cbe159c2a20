using System.Globalization;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Tokenization;

namespace OneComp.Pipeline;

/// <summary>Calibration windows for a model: the tokenizer is read only for text, and ids are held against the vocabulary.</summary>
internal sealed class CalibrationWindows(PlanOptions options, ModelConfig config)
{
    /// <summary>Windows where their number is not given.</summary>
    public const int DefaultSamples = 128;

    private ITextTokenizer? _tokenizer;

    /// <summary>Tokens of a window where none are given: 2048, or the model's context where that is shorter.</summary>
    public int DefaultLength { get; } = DefaultWindow.Length(config);

    /// <summary>Loads windows.</summary>
    /// <param name="samples">How many; null for 128. The module's own text may give fewer then: it need not suit every length.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="token">Cancels while reading.</param>
    /// <exception cref="CalibrationException">The text cannot be used, is too short, or an id lies outside the vocabulary.</exception>
    public TokenWindows Load(int? samples, int length, CancellationToken token)
    {
        try
        {
            return Load(samples ?? DefaultSamples, length, options.CalibrationStrategy, token);
        }
        catch (CalibrationException exception) when (exception.Error == CalibrationError.TooLittleText && samples is null && options.CalibrationPath is null)
        {
            return Load(1, length, CalibrationStrategy.ConcatChunk, token); // every whole window there is
        }
    }

    private TokenWindows Load(int samples, int length, CalibrationStrategy strategy, CancellationToken token)
    {
        var path = options.CalibrationPath ?? DefaultText.Path;
        var windows = CalibrationData.Load(
            new CalibrationOptions
            {
                Path = path,
                TextColumn = options.TextColumn,
                TensorName = options.TensorName,
                NumSamples = samples,
                MaxLength = length,
                Strategy = strategy,
                Seed = options.Seed,
            },
            () => _tokenizer ??= TokenizerLoader.Load(config.Folder),
            token);
        return windows.MaxId < config.VocabularySize
            ? windows
            : throw new CalibrationException(
                CalibrationError.IdOutsideVocabulary,
                path,
                string.Create(CultureInfo.InvariantCulture, $"{path}: token id {windows.MaxId} lies outside the vocabulary of {config.VocabularySize} of {config.Folder}. The ids, or the tokenizer, belong to another model."));
    }
}
