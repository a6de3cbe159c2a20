namespace OneComp.Untrusted;

/// <summary>Names of files that a file of others gives.</summary>
internal static class PlainName
{
    private static readonly string[] Devices = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

    /// <summary>
    /// Whether a name is that of a file in the same folder and nothing else. The same answer on every system: a backslash, a drive letter or the
    /// name of a Windows device is refused on Linux too.
    /// </summary>
    public static bool Is(string name) =>
        name is not ("" or "." or "..") && !name.Any(character => character is '/' or '\\' or ':' || char.IsControl(character)) && !IsDevice(name.Split('.')[0].TrimEnd(' '));

    private static bool IsDevice(string stem) =>
        Devices.Contains(stem, StringComparer.OrdinalIgnoreCase)
        || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase)) && (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³'));
}
