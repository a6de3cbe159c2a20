using System.Management.Automation;

namespace OneComp.ScriptHost;

/// <summary>What the process returns where the script does not say it. docs/logs.md tells people; run.json holds the same numbers.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A fault of the program, the script, the disk or the numbers.</summary>
    public const int Failed = 1;

    /// <summary>The command line, the input, a setting or the machine does not fit; trying again will not help.</summary>
    public const int BadInput = 2;

    /// <summary>Done, but warnings or errors were shown.</summary>
    public const int DoneWithWarnings = 3;

    /// <summary>The memory of the machine or the GPU did not suffice.</summary>
    public const int OutOfMemory = 4;

    private const string OutOfMemoryId = "OneCompOutOfMemory"; // the module's

    /// <summary>The code for the error that ended the script.</summary>
    public static int Of(ErrorRecord error) =>
        error.Exception is OutOfMemoryException || error.FullyQualifiedErrorId.StartsWith(OutOfMemoryId, StringComparison.Ordinal)
            ? OutOfMemory
            : error.CategoryInfo.Category switch
            {
                ErrorCategory.InvalidArgument or ErrorCategory.InvalidData or ErrorCategory.ObjectNotFound or ErrorCategory.ResourceExists
                    or ErrorCategory.PermissionDenied or ErrorCategory.NotImplemented or ErrorCategory.ResourceUnavailable
                    or ErrorCategory.ParserError or ErrorCategory.SyntaxError => BadInput,
                _ => Failed,
            };

    /// <summary>A shell's convention for a process that a signal ended.</summary>
    public static int OfSignal(int number) => 128 + number;
}
