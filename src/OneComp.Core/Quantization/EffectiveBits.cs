namespace OneComp.Quantization;

/// <summary>What a bit width really costs per weight.</summary>
public static class EffectiveBits
{
    private const double ScaleBits = 16;

    /// <summary>
    /// b + (16 + b) / g: codes of <paramref name="bits"/>, and for each group a 16-bit scale and a zero point of
    /// <paramref name="bits"/>. With <paramref name="groupSize"/> -1 the group is the row of <paramref name="inFeatures"/>.
    /// </summary>
    public static double Of(double bits, int groupSize, int inFeatures) =>
        bits + ((ScaleBits + bits) / (groupSize == -1 ? inFeatures : groupSize));
}
