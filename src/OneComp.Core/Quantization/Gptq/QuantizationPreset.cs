namespace OneComp.Quantization.Gptq;

/// <summary>Settings that go well together (docs/adr/0016 has the figures).</summary>
public enum QuantizationPreset
{
    /// <summary>The best that inference servers run in stock form: symmetric grids, no permutation of columns.</summary>
    Default,

    /// <summary>The best there is: asymmetric grids, which fewer servers run.</summary>
    Best,

    /// <summary>Plain GPTQ, as the Python package OneComp has it by default.</summary>
    Reference,
}
