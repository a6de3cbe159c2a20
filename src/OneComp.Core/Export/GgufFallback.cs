using System.Diagnostics.CodeAnalysis;

namespace OneComp.Export;

/// <summary>What a GGUF file holds where a layer does not fit one of its block types exactly, and of embedding and head.</summary>
[SuppressMessage("Naming", "CA1707", Justification = "The names are GGUF's own.")]
public enum GgufFallback
{
    /// <summary>Half precision: 16 bits per weight.</summary>
    F16,

    /// <summary>8-bit blocks of 32 with a scale, rounded: 8.5 bits per weight. Rows that are no multiple of 32 become F16.</summary>
    Q8_0,
}
