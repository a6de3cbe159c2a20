using System.Management.Automation;

namespace OneComp.Tests.PesterAdapter;

/// <summary>Where discovery stands; the commands of a test file find it in a variable of the session.</summary>
public sealed class PesterContext
{
    public const string VariableName = "__PesterContext";

    public PesterBlock Root { get; } = new("file", null, PesterData.None, skip: false);

    public PesterBlock Current { get; set; }

    /// <summary>Folder behind TestDrive:.</summary>
    public string TestDrive { get; }

    public PesterContext(string testDrive)
    {
        TestDrive = testDrive;
        Current = Root;
    }

    public static PesterContext Of(PSCmdlet cmdlet) =>
        cmdlet.SessionState.PSVariable.GetValue($"global:{VariableName}") as PesterContext
        ?? throw new InvalidOperationException("A Pester command was called outside the adapter.");

    /// <summary>What TestDrive holds now.</summary>
    public string[] DriveEntries() => Directory.GetFileSystemEntries(TestDrive);

    /// <summary>Leaving a block, Pester takes from TestDrive what the block has put there.</summary>
    public void RestoreDrive(string[] entries)
    {
        foreach (var entry in DriveEntries().Except(entries))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                File.Delete(entry);
            }
        }
    }
}
