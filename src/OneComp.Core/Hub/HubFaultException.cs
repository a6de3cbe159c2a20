namespace OneComp.Hub;

/// <summary>A request or transfer failed in a way that may pass: worth another try. Becomes a <see cref="HubException"/> when tries run out.</summary>
internal sealed class HubFaultException(string message, int? status = null, TimeSpan? retryAfter = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The answer's status; null where there was no whole answer.</summary>
    public int? Status { get; } = status;

    /// <summary>How long the hub asks to wait.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
