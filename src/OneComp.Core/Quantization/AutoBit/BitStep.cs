namespace OneComp.Quantization.AutoBit;

/// <summary>The step in which the bits of a plan can grow.</summary>
internal static class BitStep
{
    /// <summary>Greatest common divisor of the differences between the options of a unit, over all units; 1 where there are none.</summary>
    public static long Of(IEnumerable<IEnumerable<long>> bitsByUnit)
    {
        long divisor = 0;
        foreach (var bits in bitsByUnit)
        {
            long? first = null;
            foreach (var value in bits)
            {
                first ??= value;
                divisor = GreatestCommonDivisor(divisor, Math.Abs(value - first.Value));
            }
        }

        return Math.Max(1, divisor);
    }

    private static long GreatestCommonDivisor(long a, long b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
