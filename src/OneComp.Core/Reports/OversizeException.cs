namespace OneComp.Reports;

/// <summary>What a file holds is larger than a plan can be; the import says so with the file's name.</summary>
internal sealed class OversizeException(string message) : Exception(message);
