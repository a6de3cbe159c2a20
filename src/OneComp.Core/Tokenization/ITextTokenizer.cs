namespace OneComp.Tokenization;

/// <summary>Turns text into the token ids that a model was trained on. Safe to share between threads.</summary>
public interface ITextTokenizer
{
    /// <summary>Highest id the tokenizer can give, plus one; a model's embedding has at least as many rows.</summary>
    int VocabularySize { get; }

    /// <summary>Encodes a whole text; time grows about linearly with its length.</summary>
    /// <param name="text">Any text; half of a surrogate pair counts as U+FFFD.</param>
    /// <param name="addSpecialTokens">Whether to add what the tokenizer puts around a text (begin and end of sequence).</param>
    /// <returns>The ids, in the order of the text.</returns>
    /// <exception cref="TokenizerException">A pattern of the tokenizer takes too long on this text.</exception>
    int[] Encode(string text, bool addSpecialTokens = true);
}
