using OneComp.Runtime;

namespace OneComp.Calibration;

/// <summary>The calibration text that comes with the module: public-domain English.</summary>
public static class DefaultText
{
    private const string FileName = "calibration.txt";

    /// <summary>Full path of the text.</summary>
    /// <exception cref="CalibrationException">The installation is not complete.</exception>
    public static string Path
    {
        get
        {
            var candidates = InstalledFolders.Candidates(InstalledFolders.Engine, "data").Select(folder => System.IO.Path.Combine(folder, FileName)).ToList();
            return candidates.FirstOrDefault(File.Exists) ?? throw new CalibrationException(
                CalibrationError.FileNotFound,
                FileName,
                $"The calibration text that comes with the module is missing ({string.Join(", ", candidates.Take(2))}). Install the module again, or name a text with -CalibrationPath.");
        }
    }
}
