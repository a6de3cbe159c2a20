using OneComp.Runtime;

namespace OneComp.Calibration;

/// <summary>The texts that come with the module: public-domain English.</summary>
public static class DefaultText
{
    /// <summary>Full path of the text to calibrate on.</summary>
    /// <exception cref="CalibrationException">The installation is not complete.</exception>
    public static string Path => Find("calibration.txt", "-CalibrationPath");

    /// <summary>Full path of the text to evaluate on: none of it is in the other.</summary>
    /// <exception cref="CalibrationException">The installation is not complete.</exception>
    public static string EvaluationPath => Find("held-out.txt", "-Path");

    private static string Find(string name, string parameter)
    {
        var candidates = InstalledFolders.Candidates(InstalledFolders.Engine, "data").Select(folder => System.IO.Path.Combine(folder, name)).ToList();
        return candidates.FirstOrDefault(File.Exists) ?? throw new CalibrationException(
            CalibrationError.FileNotFound,
            name,
            $"The text {name} that comes with the module is missing ({string.Join(", ", candidates.Take(2))}). Install the module again, or name a text with {parameter}.");
    }
}
