namespace OneComp.Quantization.AutoBit;

/// <summary>The reference's spelling of the strategies.</summary>
public static class StrategyNames
{
    /// <summary><c>activation_aware</c>, <c>ilp</c>, <c>manual</c>.</summary>
    public static string Of(AssignmentStrategy strategy) => strategy switch
    {
        AssignmentStrategy.ActivationAware => "activation_aware",
        AssignmentStrategy.Ilp => "ilp",
        AssignmentStrategy.Manual => "manual",
        _ => throw new ArgumentOutOfRangeException(nameof(strategy), strategy, null),
    };
}
