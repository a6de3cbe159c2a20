namespace OneComp.Hub;

/// <summary>Names of files as the hub states them. They are data: nothing they say may lead out of the folder they go to.</summary>
internal static class HubFileName
{
    private const int LongestName = 1024;
    private const int LongestPart = 200; // leaves room for the suffix of a partial file within the 255 of file systems
    private const int MostParts = 16;
    private const string Forbidden = "\\:*?\"<>|";

    // Names of devices on Windows, with any extension.
    private static readonly HashSet<string> Devices = new(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", .. "123456789¹²³".SelectMany(digit => (string[])[$"COM{digit}", $"LPT{digit}"])],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What is wrong with a name, in words that end "... a name that"; null where it is a relative path of plain parts. The same
    /// answer on every system: a model fetched on Linux can be copied to Windows.
    /// </summary>
    public static string? FaultOf(string name)
    {
        if (name.Length is 0 or > LongestName)
        {
            return $"is empty or longer than {LongestName} characters";
        }

        var parts = name.Split('/');
        return parts.Length > MostParts
            ? $"is nested deeper than {MostParts} folders"
            : parts.Select(FaultOfPart).FirstOrDefault(fault => fault is not null);
    }

    /// <summary>Refuses a name that is not safe.</summary>
    /// <exception cref="HubException">The name is unsafe.</exception>
    public static void Require(string name)
    {
        if (FaultOf(name) is { } fault)
        {
            throw new HubException(HubError.FileNameUnsafe, Printable(name), $"The hub names a file '{Printable(name)}', which {fault}. Nothing of this model was written; report it to the model's owner.");
        }
    }

    /// <summary>The full path of a file under a folder.</summary>
    /// <exception cref="HubException">The name is unsafe, or a folder on the way is a link.</exception>
    public static string Under(string folder, string name)
    {
        Require(name);
        var path = folder;
        var parts = name.Split('/');
        foreach (var part in parts[..^1])
        {
            path = Path.Combine(path, part);
            if (new DirectoryInfo(path).LinkTarget is not null)
            {
                throw new HubException(HubError.FileNameUnsafe, path, $"'{path}' is a link; '{Printable(name)}' would be written to where it leads. Remove the link, or choose another -Destination.");
            }
        }

        return Path.Combine(path, parts[^1]);
    }

    /// <summary>A name without control characters, and not too long for a message.</summary>
    public static string Printable(string name)
    {
        var plain = new string([.. name.Take(120).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
        return name.Length > 120 ? plain + "..." : plain;
    }

    private static string? FaultOfPart(string part)
    {
        if (part.Length is 0 or > LongestPart)
        {
            return $"has a part that is empty or longer than {LongestPart} characters";
        }

        if (part is "." or ".." || part[^1] is '.' or ' ' || part[0] == ' ')
        {
            return "has a part that is '.' or '..', begins with a space, or ends with a dot or space";
        }

        if (part.Any(c => char.IsControl(c) || Forbidden.Contains(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format))
        {
            return $"has a control character or one of {Forbidden}";
        }

        return Devices.Contains(part.Split('.')[0].TrimEnd()) ? "is the name of a device on Windows"
            : part.EndsWith(PartialFile.Suffix, StringComparison.OrdinalIgnoreCase) ? $"ends with {PartialFile.Suffix}, which marks partial files"
            : null;
    }
}
