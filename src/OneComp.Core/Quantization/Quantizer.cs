namespace OneComp.Quantization;

/// <summary>
/// What is to be done to the linear layers of a model, and to which of them. Immutable, and equal to another with the same settings: change a copy
/// with <c>with</c>, or <see cref="Settings.QuantizerSettings.With"/>.
/// </summary>
public abstract record Quantizer
{
    /// <summary>Name shown in plans and reports; the settings in short where not given.</summary>
    public string Name
    {
        get => GivenName ?? DefaultName;
        init => GivenName = value;
    }

    /// <summary>The name where one was given; null for the settings in short.</summary>
    internal string? GivenName { get; private init; }

    /// <summary>The layers to take.</summary>
    public LayerSelection Selection { get; init; } = new();

    /// <summary>True to add weight and output errors per layer to the result.</summary>
    public bool CalcQuantError { get; init; }

    /// <summary>Type in which Hessians are factorised. They are accumulated in float32 or better in any case.</summary>
    public HessianType HessianType { get; init; } = HessianType.Float32;

    /// <summary>The method's name in the field: GPTQ, RTN, AutoBit.</summary>
    public abstract string Method { get; }

    /// <summary>The settings in short: <c>GPTQ_3bit_gs128</c>.</summary>
    protected abstract string DefaultName { get; }

    /// <summary>Steps that tune the finished model, where a run does not say otherwise.</summary>
    internal virtual int StepsToTune => 0;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="QuantizerOptionsException">One or more settings are out of range; all are listed.</exception>
    public void Validate()
    {
        var faults = new FaultList();
        Selection.Check(faults);
        Check(faults);
        faults.ThrowIfAny(Method);
    }

    /// <summary>The name, for prompts and reports.</summary>
    public sealed override string ToString() => Name;

    /// <summary>Adds a fault for each setting of this method that is out of range.</summary>
    internal abstract void Check(FaultList faults);
}
