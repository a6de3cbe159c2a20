namespace OneComp.Verification;

/// <summary>One thing that was checked about a model folder.</summary>
/// <param name="Model">The folder.</param>
/// <param name="Check">What was checked: Headers, Layers, Hashes; the last row is the Verdict.</param>
/// <param name="Target">The file, tensor or layer that is at fault; where nothing is, what was looked at.</param>
/// <param name="Passed">Whether it is as it should be.</param>
/// <param name="Message">What is wrong, with what was expected and found; where nothing is, how much was looked at.</param>
public sealed record CheckResult(string Model, string Check, string Target, bool Passed, string Message);
