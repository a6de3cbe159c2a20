using System.Management.Automation;

namespace OneComp.Tests.PesterAdapter;

/// <summary>An It, with the data of one case.</summary>
public sealed class PesterTest(string name, PesterBlock block, ScriptBlock body, PesterData data, bool skip)
{
    private readonly List<string> _faults = [];

    public string Name => $"{block.Path}.{data.Expand(name)}";

    public PesterData Data => data;

    public ScriptBlock Body => body;

    public bool Skip => skip || block.Skip;

    /// <summary>What the body's param() asks for.</summary>
    public IReadOnlyDictionary<string, object?> Arguments =>
        ((System.Management.Automation.Language.ScriptBlockAst)body.Ast).ParamBlock is null ? PesterData.None.Variables : data.Variables;

    /// <summary>Those of the outer blocks first.</summary>
    public IEnumerable<ScriptBlock> BeforeEach => Blocks().Reverse().SelectMany(each => each.BeforeEach);

    /// <summary>Those of the inner blocks first.</summary>
    public IEnumerable<ScriptBlock> AfterEach => Blocks().SelectMany(each => each.AfterEach);

    /// <summary>False for a test that never ran to its end, whatever the reason.</summary>
    public bool Completed { get; private set; }

    public IReadOnlyList<string> Faults => Completed || _faults.Count > 0 ? _faults : ["The test did not run to its end."];

    public void Complete() => Completed = true;

    public void Fail(string where, ErrorRecord error) =>
        _faults.Add($"{where}: {error.Exception.Message} [{error.FullyQualifiedErrorId}]{Environment.NewLine}{error.ScriptStackTrace}");

    private IEnumerable<PesterBlock> Blocks()
    {
        for (var at = block; at is not null; at = at.Parent)
        {
            yield return at;
        }
    }
}
