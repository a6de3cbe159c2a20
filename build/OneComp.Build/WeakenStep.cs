namespace OneComp.Build;

/// <summary>Build step: lets a library load where one of the symbol versions it names, but does not use, is missing.</summary>
public static class WeakenStep
{
    /// <summary>
    /// Rewrites <paramref name="file"/> with the needs of <paramref name="version"/> weak. The new file replaces the name,
    /// not the content: the old one may be a hard link into the package cache. Its time is kept, so that the next build
    /// sees an unchanged copy.
    /// </summary>
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

            var time = File.GetLastWriteTimeUtc(file);
            var temporary = file + ".tmp";
            File.WriteAllBytes(temporary, image);
            File.SetLastWriteTimeUtc(temporary, time);
            File.Move(temporary, file, overwrite: true);
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
