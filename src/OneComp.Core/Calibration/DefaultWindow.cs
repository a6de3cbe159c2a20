using OneComp.Models;

namespace OneComp.Calibration;

/// <summary>Windows of text where nothing is said of their length.</summary>
internal static class DefaultWindow
{
    private const int Longest = 2048;

    /// <summary>Tokens of a window: 2048, or the model's context where that is shorter.</summary>
    public static int Length(ModelConfig config) => Math.Min(Longest, config.MaxPositionEmbeddings);
}
