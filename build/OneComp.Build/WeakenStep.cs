namespace OneComp.Build;

/// <summary>Build step: lets a library load where one of the symbol versions it names, but does not use, is missing.</summary>
public static class WeakenStep
{
    /// <summary>Rewrites <paramref name="file"/>, a <see cref="LinkedCopy"/>, with the needs of <paramref name="version"/> weak.</summary>
    /// <returns>0, or 1 with a message where the file cannot be read as ELF64.</returns>
    public static int Run(string file, string version, TextWriter output, TextWriter error)
    {
        try
        {
            var image = File.ReadAllBytes(file);
            if (new ElfVersionNeeds(image).Weaken(version) == 0)
            {
                return 0;
            }

            LinkedCopy.Replace(file, image);
            output.WriteLine($"{Path.GetFileName(file)}: {version} is now optional");
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            error.WriteLine($"{file} : error OC0001: {exception.Message}");
            return 1;
        }
    }
}
