using OneComp.Tokenization.Reading;

namespace OneComp.Tokenization;

/// <summary>Finds and reads the tokenizer of a model folder.</summary>
public static class TokenizerLoader
{
    /// <summary>Reads tokenizer.json (Hugging Face, byte-level or byte-fallback BPE), else tokenizer.model (SentencePiece BPE).</summary>
    /// <param name="modelFolder">The model's folder.</param>
    /// <exception cref="TokenizerException">There is no tokenizer, or it cannot be used as it is.</exception>
    public static ITextTokenizer Load(string modelFolder)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFolder);
        string json = Path.Combine(modelFolder, "tokenizer.json");
        if (File.Exists(json))
        {
            return TokenizerJsonReader.Read(json);
        }

        string model = Path.Combine(modelFolder, "tokenizer.model");
        if (File.Exists(model))
        {
            return SentencePieceReader.Read(model, Path.Combine(modelFolder, "tokenizer_config.json"));
        }

        throw new TokenizerException(TokenizerError.FileNotFound, modelFolder,
            $"'{modelFolder}' holds no tokenizer: neither tokenizer.json nor tokenizer.model is there. " +
            "Copy the tokenizer files of the model into the folder.");
    }
}
