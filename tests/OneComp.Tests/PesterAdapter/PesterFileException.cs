namespace OneComp.Tests.PesterAdapter;

/// <summary>A test file that cannot be read, or holds no test.</summary>
public sealed class PesterFileException(string message, Exception? innerException = null) : Exception(message, innerException);
