using System.Management.Automation;
using OneComp.Errors;
using OneComp.Progress;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>The common base: errors, streams and stopping.</summary>
public sealed class OneCompCmdletTests : IDisposable
{
    private readonly PowerShellSession _session = new(typeof(InvokeProbeCommand));

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Work_runs_beside_the_pipeline_thread_and_returns_its_result() =>
        Assert.NotEqual(Environment.CurrentManagedThreadId, Probe((_, _) => Environment.CurrentManagedThreadId).Single<int>());

    [Fact]
    public void Events_reach_their_streams_in_order()
    {
        var result = Probe((progress, _) =>
        {
            progress.Report(new WarningEvent("first"));
            progress.Report(new VerboseEvent("detail"));
            progress.Report(new WarningEvent("second"));
            return 1;
        }, "-Verbose");
        Assert.Equal(["first", "second"], result.Warnings);
        Assert.Equal(["detail"], result.Verbose);
    }

    [Fact]
    public void Progress_is_nested_and_closed_at_the_end()
    {
        var result = Probe((progress, _) =>
        {
            progress.Report(new ProgressEvent(0, "run", "block 1 of 2", 0, 2));
            progress.Report(new ProgressEvent(1, "block", "stage 3", 2, 4));
            return 1;
        });
        Assert.Equal(
            [(0, -1, 0, ProgressRecordType.Processing), (1, 0, 50, ProgressRecordType.Processing),
             (1, 0, -1, ProgressRecordType.Completed), (0, -1, -1, ProgressRecordType.Completed)],
            result.Progress.Select(record => (record.ActivityId, record.ParentActivityId, record.PercentComplete, record.RecordType)));
    }

    [Theory]
    [InlineData(ErrorKind.InvalidData, ErrorCategory.InvalidData)]
    [InlineData(ErrorKind.InvalidArgument, ErrorCategory.InvalidArgument)]
    [InlineData(ErrorKind.NotFound, ErrorCategory.ObjectNotFound)]
    [InlineData(ErrorKind.AlreadyExists, ErrorCategory.ResourceExists)]
    [InlineData(ErrorKind.PermissionDenied, ErrorCategory.PermissionDenied)]
    [InlineData(ErrorKind.ReadOrWrite, ErrorCategory.WriteError)]
    [InlineData(ErrorKind.NotSupported, ErrorCategory.NotImplemented)]
    [InlineData(ErrorKind.ResourceUnavailable, ErrorCategory.ResourceUnavailable)]
    [InlineData(ErrorKind.InvalidResult, ErrorCategory.InvalidResult)]
    public void A_fault_of_the_engine_keeps_its_id_and_subject_and_gets_its_kinds_category(ErrorKind kind, ErrorCategory category)
    {
        var error = Probe((_, _) => throw new ProbeException(kind, "layer 3")).Fails("ProbeFailed", category);
        Assert.Equal("layer 3", error.TargetObject);
        Assert.Equal("The probe failed.", error.Exception.Message);
    }

    [Fact]
    public void Every_kind_of_fault_has_a_category_of_its_own_choosing() => Assert.All(
        Enum.GetValues<ErrorKind>(),
        kind => Assert.NotEqual(ErrorCategory.InvalidOperation, Probe((_, _) => throw new ProbeException(kind, null)).AllErrors[0].CategoryInfo.Category));

    public static TheoryData<Exception, string, ErrorCategory> SystemFaults => new()
    {
        { new UnauthorizedAccessException(), "OneCompAccessDenied", ErrorCategory.PermissionDenied },
        { new FileNotFoundException(), "OneCompFileNotFound", ErrorCategory.ObjectNotFound },
        { new DirectoryNotFoundException(), "OneCompFolderNotFound", ErrorCategory.ObjectNotFound },
        { new IOException(), "OneCompReadOrWriteFailed", ErrorCategory.WriteError },
        { new InvalidOperationException(), "OneCompInternalError", ErrorCategory.InvalidOperation },
        { new AggregateException(new IOException(), new ProbeException(ErrorKind.InvalidData, null)), "ProbeFailed", ErrorCategory.InvalidData },
        { new OperationCanceledException(), "OneCompInternalError", ErrorCategory.InvalidOperation },
    };

    [Theory]
    [MemberData(nameof(SystemFaults), DisableDiscoveryEnumeration = true)]
    public void A_fault_of_the_system_is_told_with_the_target(Exception exception, string errorId, ErrorCategory category) =>
        Assert.Equal("the target", Probe((_, _) => throw exception).Fails(errorId, category).TargetObject);

    [Fact]
    public void A_fault_of_one_input_of_many_lets_the_cmdlet_go_on()
    {
        var result = Probe((_, _) => throw new ProbeException(ErrorKind.InvalidData, null), "-Try");
        Assert.Equal("ProbeFailed,OneComp.Tests.Cmdlets.InvokeProbeCommand", Assert.Single(result.Errors).FullyQualifiedErrorId);
        Assert.Equal("went on", Assert.Single(result.Output).BaseObject);
    }

    [Fact]
    public void A_stop_cancels_the_work_waits_for_its_end_and_is_no_error()
    {
        using var started = new ManualResetEventSlim();
        var ended = false;
        using var shell = Shell((_, token) =>
        {
            started.Set();
            token.WaitHandle.WaitOne();
            Thread.Sleep(100); // what a worker needs to let go of its memory
            ended = true;
            token.ThrowIfCancellationRequested();
            return 1;
        });
        shell.BeginInvoke();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));
        shell.Stop();
        Assert.True(ended, "the cmdlet returned before its work had ended");
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(shell.Streams.Error);
    }

    [Fact]
    public void A_warning_that_stops_the_script_cancels_the_work_and_waits_for_its_end()
    {
        var cancelled = false;
        var result = Probe((progress, token) =>
        {
            progress.Report(new WarningEvent("enough"));
            cancelled = token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
            return 1;
        }, "-WarningAction Stop");
        Assert.True(cancelled);
        result.Fails("ActionPreferenceStop", ErrorCategory.OperationStopped);
    }

    [Fact]
    public void A_pipeline_that_has_enough_ends_without_an_error()
    {
        // What Select-Object -First 1 does, with what the engine has: leave the loop that consumes the output.
        var result = _session.Invoke(
            "param($Work) $first = foreach ($x in 1) { Invoke-Probe -Work $Work | ForEach-Object { $_; break } }; 'after'",
            new { Work = (Func<IProgress<RunEvent>, CancellationToken, object?>)((_, _) => 5) });
        Assert.Equal("after", result.Single<string>());
    }

    [Fact]
    public void Progress_after_the_work_has_ended_is_ignored()
    {
        IProgress<RunEvent>? kept = null;
        Probe((progress, _) =>
        {
            kept = progress;
            return 1;
        }).Single<int>();
        kept!.Report(new WarningEvent("late"));
    }

    private InvocationResult Probe(Func<IProgress<RunEvent>, CancellationToken, object?> work, string more = "") =>
        _session.Invoke($"param($Work) Invoke-Probe -Work $Work {more}", new { Work = work });

    private PowerShell Shell(Func<IProgress<RunEvent>, CancellationToken, object?> work) =>
        _session.NewShell().AddCommand("Invoke-Probe").AddParameter("Work", work);
}
