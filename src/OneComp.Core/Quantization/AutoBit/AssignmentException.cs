using OneComp.Errors;

namespace OneComp.Quantization.AutoBit;

/// <summary>Ways in which bits cannot be assigned.</summary>
public enum AssignmentError
{
    /// <summary>Even the smallest candidates take more than the budget.</summary>
    BudgetTooSmall,

    /// <summary>A cost is NaN or infinite.</summary>
    CostNotFinite,

    /// <summary>No layer is selected.</summary>
    NoLayer,

    /// <summary>A layer outside the decoder blocks was selected.</summary>
    LayerOutsideBlocks,

    /// <summary>Layers of a fused group got different candidates.</summary>
    FusedGroupSplit,

    /// <summary>Rows of a plan that was given cannot be carried out; the message lists every fault.</summary>
    RowsNotPossible,

    /// <summary>A budget was given to a quantizer that uses none.</summary>
    BudgetNotUsed,
}

/// <summary>Bits cannot be assigned to the layers.</summary>
public sealed class AssignmentException : OneCompException
{
    internal AssignmentException(AssignmentError error, string subject, string message)
        : base(
            "Assignment" + error,
            error == AssignmentError.CostNotFinite ? ErrorKind.InvalidResult : ErrorKind.InvalidArgument,
            subject,
            message) => Error = error;

    /// <summary>What went wrong.</summary>
    public AssignmentError Error { get; }
}
