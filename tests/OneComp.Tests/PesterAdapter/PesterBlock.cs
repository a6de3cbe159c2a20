using System.Management.Automation;

namespace OneComp.Tests.PesterAdapter;

/// <summary>A Describe, a Context, or a whole file, as discovery found it.</summary>
public sealed class PesterBlock(string name, PesterBlock? parent, PesterData data, bool skip)
{
    public string Name => name;

    public PesterBlock? Parent => parent;

    public PesterData Data => data;

    public bool Skip => skip || parent is { Skip: true };

    /// <summary>Blocks and tests in the order of the file.</summary>
    public List<object> Children { get; } = [];

    public List<ScriptBlock> BeforeAll { get; } = [];

    public List<ScriptBlock> AfterAll { get; } = [];

    public List<ScriptBlock> BeforeEach { get; } = [];

    public List<ScriptBlock> AfterEach { get; } = [];

    /// <summary>Every test of the block and of those in it.</summary>
    public IEnumerable<PesterTest> Tests => Children.SelectMany(child => child is PesterBlock block ? block.Tests : [(PesterTest)child]);

    /// <summary>"Describe.Context", without the file.</summary>
    public string Path => parent is null ? "" : parent.Path.Length == 0 ? name : $"{parent.Path}.{name}";

    /// <summary>True where something in the block is to run: setups are not run for nothing.</summary>
    public bool HasWork => Tests.Any(test => !test.Skip);

    /// <summary>A setup or teardown of the block failed: none of its tests counts as passed.</summary>
    public void Fail(string where, ErrorRecord error)
    {
        foreach (var test in Tests.Where(test => !test.Skip))
        {
            test.Fail($"{where} of '{name}'", error);
        }
    }
}
