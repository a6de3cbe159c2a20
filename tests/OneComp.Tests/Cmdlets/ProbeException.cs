using OneComp.Errors;

namespace OneComp.Tests.Cmdlets;

/// <summary>A fault of the engine, of any kind.</summary>
internal sealed class ProbeException(ErrorKind kind, string? subject) : OneCompException("ProbeFailed", kind, subject, "The probe failed.");
