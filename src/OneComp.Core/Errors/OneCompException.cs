namespace OneComp.Errors;

/// <summary>
/// A fault that a user can act on. The message names the file, layer or parameter, what was expected and what to do.
/// Each area of the engine has one subclass with a closed list of error ids.
/// </summary>
public abstract class OneCompException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="errorId">Stable id without spaces, for scripts to test: <c>SafetensorsHeaderTooLarge</c>.</param>
    /// <param name="kind">The sort of fault.</param>
    /// <param name="subject">The file, folder, layer or parameter at fault; null where there is none.</param>
    /// <param name="message">One or two full sentences. Control characters are taken out, and what is over 16,000 characters.</param>
    /// <param name="innerException">What caused it.</param>
    protected OneCompException(string errorId, ErrorKind kind, string? subject, string message, Exception? innerException = null)
        : base(MessageText.Clean(message), innerException)
    {
        ErrorId = errorId;
        Kind = kind;
        Subject = subject;
    }

    /// <summary>Stable id without spaces, never localised.</summary>
    public string ErrorId { get; }

    /// <summary>The sort of fault.</summary>
    public ErrorKind Kind { get; }

    /// <summary>The file, folder, layer or parameter at fault.</summary>
    public string? Subject { get; }
}
