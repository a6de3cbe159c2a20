namespace OneComp.ScriptHost;

/// <summary>What the process returns where the script does not say it.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int BadCommandLine = 2;

    /// <summary>A shell's convention for a process that a signal ended.</summary>
    public static int OfSignal(int number) => 128 + number;
}
