namespace OneComp.Runtime;

/// <summary>One file that was tried while loading the tensor library.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Failure">What went wrong with it.</param>
public sealed record LibraryAttempt(string Path, string Failure);
