namespace OneComp.Tests.Fuzz;

/// <summary>What a run of one target gave.</summary>
/// <param name="Target">The target.</param>
/// <param name="Inputs">Inputs read.</param>
/// <param name="NamedErrors">Of these, refused with an error of ours.</param>
/// <param name="ErrorIds">How many different ones.</param>
/// <param name="Accepted">Read without an error.</param>
/// <param name="Failures">Anything else, by what went wrong.</param>
/// <param name="SlowestMs">Longest time of one input.</param>
/// <param name="LargestRatio">Most bytes allocated for each byte of input, of those over a megabyte; 0 where there was none.</param>
/// <param name="Seconds">Time of the whole run.</param>
internal sealed record FuzzReport(
    string Target, int Inputs, int NamedErrors, int ErrorIds, int Accepted, IReadOnlyList<FuzzFailure> Failures, double SlowestMs, double LargestRatio, double Seconds);

/// <summary>Inputs that fail in one way.</summary>
/// <param name="Kind">What went wrong, and where.</param>
/// <param name="Count">How many inputs did.</param>
/// <param name="Number">Number of the smallest of them.</param>
/// <param name="Input">The smallest of them.</param>
/// <param name="Detail">The exception of that input.</param>
internal sealed record FuzzFailure(string Kind, int Count, int Number, byte[] Input, string Detail);
