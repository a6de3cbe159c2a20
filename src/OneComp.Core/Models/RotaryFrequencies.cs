namespace OneComp.Models;

/// <summary>Angle per position of each pair in a head (RoFormer, Su et al. 2021), with the scaling for long contexts.</summary>
internal static class RotaryFrequencies
{
    /// <summary>head_dim/2 frequencies, fastest first.</summary>
    public static float[] Of(ModelConfig config)
    {
        var frequencies = new float[config.HeadDim / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var frequency = Math.Pow(config.RopeTheta, -2.0 * i / config.HeadDim);
            frequencies[i] = (float)(config.RopeScaling is { } scaling ? Scale(frequency, scaling) : frequency);
        }

        return frequencies;
    }

    private static double Scale(double frequency, RopeScaling scaling)
    {
        var slow = frequency / scaling.Factor;
        if (scaling.Kind == RopeScalingKind.Linear)
        {
            return slow;
        }

        var turns = scaling.OriginalMaxPositionEmbeddings * frequency / (2 * Math.PI); // in the original context
        if (turns < scaling.LowFrequencyFactor)
        {
            return slow;
        }

        if (turns > scaling.HighFrequencyFactor)
        {
            return frequency;
        }

        var kept = (turns - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return ((1 - kept) * slow) + (kept * frequency);
    }
}
