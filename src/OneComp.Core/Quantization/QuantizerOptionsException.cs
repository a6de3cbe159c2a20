using OneComp.Errors;

namespace OneComp.Quantization;

/// <summary>A quantizer's settings cannot be used; the message lists every fault by parameter.</summary>
public sealed class QuantizerOptionsException : OneCompException
{
    internal QuantizerOptionsException(string method, IReadOnlyList<(string Parameter, string Message)> faults)
        : base(
            "QuantizerInvalidOptions",
            ErrorKind.InvalidArgument,
            string.Join(", ", faults.Select(fault => fault.Parameter)),
            $"{method} quantizer: " + string.Join("; ", faults.Select(fault => $"{fault.Parameter}: {fault.Message}")) + ".") =>
        Parameters = [.. faults.Select(fault => fault.Parameter)];

    /// <summary>The parameters at fault.</summary>
    public IReadOnlyList<string> Parameters { get; }
}
