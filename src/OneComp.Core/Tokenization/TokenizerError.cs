namespace OneComp.Tokenization;

/// <summary>What is wrong with a tokenizer; the error id is "Tokenizer" and the name.</summary>
public enum TokenizerError
{
    /// <summary>The folder holds no tokenizer file that is known here.</summary>
    FileNotFound,

    /// <summary>The file is there but cannot be read.</summary>
    FileUnreadable,

    /// <summary>The file is not JSON.</summary>
    MalformedJson,

    /// <summary>A field is absent or has a value of another type than the format says.</summary>
    InvalidField,

    /// <summary>model.type names a model that is not handled.</summary>
    UnknownModelType,

    /// <summary>A normalizer's type is not handled.</summary>
    UnknownNormalizer,

    /// <summary>A pre-tokenizer's type is not handled.</summary>
    UnknownPreTokenizer,

    /// <summary>A post-processor's type is not handled.</summary>
    UnknownPostProcessor,

    /// <summary>A setting is well-formed, but ids made without it would be wrong and it is not handled.</summary>
    UnsupportedSetting,

    /// <summary>The vocabulary is empty, or an id or token in it cannot be used.</summary>
    InvalidVocabulary,

    /// <summary>A merge is not a pair, or names a token that the vocabulary lacks.</summary>
    InvalidMerge,

    /// <summary>A pattern is not a regular expression that .NET understands.</summary>
    InvalidPattern,

    /// <summary>A pattern takes too long on a text.</summary>
    PatternTimeout,

    /// <summary>The steps make ever more text of a text.</summary>
    TextGrows,

    /// <summary>tokenizer.model is not a SentencePiece model.</summary>
    MalformedModelFile,
}
