using System.Globalization;
using OneComp.Progress;
using Polly;
using Polly.Retry;

namespace OneComp.Hub;

/// <summary>When and how a request is tried again: after growing waits with some chance in them, or after what the hub asks for.</summary>
internal static class HubRetry
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>The longest Retry-After that is waited for; a hub that asks for more is not going to answer tonight.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(15);

    /// <summary>The pipeline that requests go through. Only a <see cref="HubFaultException"/> is tried again.</summary>
    public static ResiliencePipeline For(HubSettings settings, IProgress<RunEvent>? events) =>
        new ResiliencePipelineBuilder { TimeProvider = settings.RetryClock }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<HubFaultException>(fault => !(fault.RetryAfter > LongestAsked)),
            MaxRetryAttempts = settings.Retries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstWait,
            MaxDelay = LongestWait,
            DelayGenerator = static retry => new((retry.Outcome.Exception as HubFaultException)?.RetryAfter),
            OnRetry = retry =>
            {
                var wait = retry.RetryDelay.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
                events?.Report(new VerboseEvent($"{retry.Outcome.Exception!.Message} Trying again in {wait} s."));
                return default;
            },
        }).Build();
}
