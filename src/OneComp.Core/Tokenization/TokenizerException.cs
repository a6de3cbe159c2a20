using OneComp.Errors;

namespace OneComp.Tokenization;

/// <summary>A tokenizer file that cannot be used, or a text that its patterns cannot cut in reasonable time.</summary>
public sealed class TokenizerException : OneCompException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="file">The tokenizer file or the folder at fault.</param>
    /// <param name="message">One or two full sentences that name the file.</param>
    /// <param name="innerException">What caused it.</param>
    public TokenizerException(TokenizerError error, string file, string message, Exception? innerException = null)
        : base($"Tokenizer{error}", KindOf(error, innerException), file, message, innerException) => Error = error;

    /// <summary>What is wrong.</summary>
    public TokenizerError Error { get; }

    private static ErrorKind KindOf(TokenizerError error, Exception? cause) => error switch
    {
        TokenizerError.FileNotFound => ErrorKind.NotFound,
        TokenizerError.FileUnreadable => cause is UnauthorizedAccessException ? ErrorKind.PermissionDenied : ErrorKind.ReadOrWrite,
        TokenizerError.UnknownModelType or TokenizerError.UnknownNormalizer or TokenizerError.UnknownPreTokenizer
            or TokenizerError.UnknownPostProcessor or TokenizerError.UnsupportedSetting => ErrorKind.NotSupported,
        _ => ErrorKind.InvalidData,
    };
}
