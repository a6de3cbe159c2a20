using OneComp.Tokenization;

namespace OneComp.Calibration;

/// <summary>Windows of token ids to calibrate on, from text or from prepared ids.</summary>
public static class CalibrationData
{
    /// <summary>
    /// Reads a file and cuts it into windows.
    /// Text: see <see cref="CalibrationStrategy"/>. Token ids (.safetensors): the first NumSamples rows, one window each; rows longer than
    /// MaxLength are cut to their first MaxLength ids, shorter ones make shorter windows; strategy and seed play no part.
    /// </summary>
    /// <param name="options">Which file, and how much of it.</param>
    /// <param name="tokenizer">Gives the tokenizer; called once, and only for text.</param>
    /// <param name="token">Cancels between documents.</param>
    /// <returns>
    /// NumSamples windows (<see cref="CalibrationStrategy.ConcatChunk"/>: that many or more). That the ids are in the model's vocabulary is
    /// the caller's to check (<see cref="TokenWindows.MaxId"/>).
    /// </returns>
    /// <exception cref="CalibrationException">An option is out of range, the file cannot be used, or there is too little in it.</exception>
    /// <exception cref="Safetensors.SafetensorsException">A token-id file breaks a rule of its format.</exception>
    public static TokenWindows Load(CalibrationOptions options, Func<ITextTokenizer> tokenizer, CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(tokenizer);
        options.Validate();
        token.ThrowIfCancellationRequested();
        if (TextSource.IsTokenIdFile(options.Path))
        {
            return TokenIdFile.Read(options);
        }

        var documents = TextSource.ReadDocuments(options.Path, options.TextColumn ?? TextSource.DefaultTextColumn, token);
        var encoder = tokenizer();
        int[] Encode(string text) => encoder.Encode(text);
        return options.Strategy switch
        {
            CalibrationStrategy.ConcatChunk => ConcatWindows.CutAll(documents, options, Encode),
            CalibrationStrategy.DropHead => DocumentWindows.CutHeads(documents, options, Encode),
            CalibrationStrategy.DropRand => DocumentWindows.CutRandom(documents, options, Encode),
            _ => ConcatWindows.CutFirst(documents, options, Encode),
        };
    }
}
