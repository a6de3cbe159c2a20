using System.Globalization;

namespace OneComp.Quantization;

/// <summary>The short names that plans and reports show.</summary>
internal static class SchemeName
{
    /// <summary><c>GPTQ_3bit_gs128</c>; <c>GPTQ_3bit</c> with a scale per row.</summary>
    public static string Of(string method, int bits, int groupSize) => groupSize == -1
        ? string.Create(CultureInfo.InvariantCulture, $"{method}_{bits}bit")
        : string.Create(CultureInfo.InvariantCulture, $"{method}_{bits}bit_gs{groupSize}");
}
