namespace OneComp.Models;

/// <summary>How rotary frequencies are stretched for contexts longer than those trained on.</summary>
public enum RopeScalingKind
{
    /// <summary>All frequencies are divided by the factor.</summary>
    Linear,

    /// <summary>Llama 3.1: low frequencies are divided by the factor, high ones kept, those between blended.</summary>
    Llama3,
}
