using System.Management.Automation;
using OneComp.Tests.Support;

namespace OneComp.Tests.Pipeline;

/// <summary>What a run tells while it works, as a user gets it.</summary>
public sealed class RunProgressTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();
    private readonly InvocationResult _run;

    public RunProgressTests() => _run = _session.Invoke(
        "param($Model, $Destination) New-GptqQuantizer 4 -Preset Reference | Invoke-OneCompQuantization $Model $Destination -NumCalibrationSamples 4 -MaxLength 32 -ResampleRounds 0 -Device cpu -Verbose -InformationVariable global:facts",
        new { Model = Repository.TinyLlama, Destination = _folder.File("q") });

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Progress_is_nested_in_run_block_and_stage_and_only_goes_up()
    {
        var open = _run.Progress.Where(record => record.RecordType == ProgressRecordType.Processing).ToList();
        Assert.Equal([0, 1, 2], open.Select(record => record.ActivityId).Distinct().Order());
        Assert.All(open, record => Assert.Equal(record.ActivityId - 1, record.ParentActivityId));
        Assert.Single(open.Where(record => record.ActivityId == 0).Select(record => record.Activity).Distinct());
        Assert.Equal(Enumerable.Range(1, 6).Select(block => $"Block {block} of 6"), open.Where(record => record.ActivityId == 1).Select(record => record.Activity).Distinct());
        Assert.Equal(4, open.Where(record => record.ActivityId == 2).Select(record => record.Activity).Distinct().Count());
        var percents = open.Where(record => record.ActivityId == 0).Select(record => record.PercentComplete).ToList();
        Assert.Equal(percents.Order(), percents);
        Assert.All(open, record => Assert.InRange(record.SecondsRemaining, -1, int.MaxValue));
    }

    [Fact]
    public void Everything_that_was_opened_is_closed()
    {
        var last = _run.Progress.GroupBy(record => record.ActivityId).Select(level => level.Last());
        Assert.All(last, record => Assert.Equal(ProgressRecordType.Completed, record.RecordType));
    }

    [Fact]
    public void The_same_facts_are_verbose_and_information_records()
    {
        var facts = _session.Invoke("$facts | ForEach-Object { [pscustomobject] @{ Text = \"$($_.MessageData)\"; Tags = $_.Tags; Block = $_.MessageData.Block } }").Output;
        var layers = facts.Where(fact => ((IEnumerable<string>)fact.Properties["Tags"].Value).Contains("LayerQuantized")).ToList();
        Assert.Equal(42, layers.Count);
        Assert.All(layers, fact => Assert.Contains((string)fact.Properties["Text"].Value, _run.Verbose));
        Assert.Equal(Enumerable.Range(0, 6).Cast<object>(), layers.Select(fact => fact.Properties["Block"].Value).Distinct());
    }
}
