using System.Globalization;
using OneComp.Calibration;
using OneComp.Models;
using OneComp.Tokenization;

namespace OneComp.Evaluation;

/// <summary>Turns a text or a file of token ids into windows.</summary>
internal static class EvaluationText
{
    /// <summary>Loads the windows that <paramref name="options"/> ask for.</summary>
    /// <exception cref="CalibrationException">The file cannot be used, is too short, or an id lies outside the vocabulary.</exception>
    /// <exception cref="TokenizerException">The model's tokenizer cannot be used.</exception>
    public static IReadOnlyList<EvaluationWindow> Load(EvaluationOptions options, ModelConfig config, int maxLength, int stride, CancellationToken token)
    {
        var windows = TextSource.IsTokenIdFile(options.Path)
            ? Rows(TokenIdFile.Read(options.Path, options.TensorName), maxLength)
            : EvaluationWindow.Of(Encode(options, config, token), maxLength, stride);
        if (windows.Count == 0)
        {
            throw new CalibrationException(CalibrationError.TooLittleText, options.Path, $"{options.Path}: fewer than two tokens, so there is no next token to predict. Use a longer text.");
        }

        var largest = windows.Max(window => window.Ids.Max());
        return largest < config.VocabularySize
            ? windows
            : throw new CalibrationException(
                CalibrationError.IdOutsideVocabulary,
                options.Path,
                string.Create(CultureInfo.InvariantCulture, $"{options.Path}: token id {largest} lies outside the vocabulary of {config.VocabularySize} of {config.Folder}. The ids, or the tokenizer, belong to another model."));
    }

    private static IReadOnlyList<EvaluationWindow> Rows(TokenWindows rows, int maxLength)
    {
        var length = Math.Min(rows.Length, maxLength);
        return length < 2 ? [] : [.. Enumerable.Range(0, rows.Count).Select(row => new EvaluationWindow(rows[row][..length].ToArray(), 1))];
    }

    private static int[] Encode(EvaluationOptions options, ModelConfig config, CancellationToken token)
    {
        var text = string.Join("\n\n", TextSource.ReadDocuments(options.Path, options.TextColumn, token));
        return TokenizerLoader.Load(config.Folder).Encode(text);
    }
}
