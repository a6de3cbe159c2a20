using OneComp.Errors;

namespace OneComp.Pipeline.Resuming;

/// <summary>
/// Sees that a model's files stay, while a run reads them, what they were when it began. Asked before anything is kept that was computed from
/// them, so that what is kept never comes from two models.
/// </summary>
/// <param name="folder">The model's folder.</param>
/// <param name="begun">Its files as they were then.</param>
internal sealed class SourceGuard(string folder, IReadOnlyList<SourceFile> begun)
{
    private readonly HashSet<string> _names = [.. begun.Select(file => file.Name)];

    /// <summary>
    /// The error to show for one that came of reading the model: that a file has changed, where one has, since what was read then only
    /// follows from it; else null.
    /// </summary>
    public RunException? Explain(Exception exception)
    {
        if (exception is not OneCompException and not IOException || exception is RunException or DestinationException)
        {
            return null;
        }

        try
        {
            Check();
            return null;
        }
        catch (RunException changed)
        {
            return new RunException(changed.Error, changed.Subject, changed.Message, exception);
        }
    }

    /// <summary>Looks at every file's size and time of writing. A file that has come since is nothing that the run has read, and does not end it.</summary>
    /// <exception cref="RunException">SourceChanged, naming the file; or SourceGone: the folder cannot be read.</exception>
    public void Check()
    {
        IReadOnlyList<SourceFile> now;
        try
        {
            now = [.. SourceFile.Of(folder).Where(file => _names.Contains(file.Name))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RunException(RunError.SourceGone, folder, $"The model's folder '{folder}' cannot be read any more: {exception.Message} Bring it back; a share may have gone away.", exception);
        }

        SourceFile.RequireSame(begun, now, folder);
    }
}
