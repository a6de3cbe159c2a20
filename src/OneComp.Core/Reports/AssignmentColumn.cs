using OneComp.Quantization;

namespace OneComp.Reports;

/// <summary>One column of the plan as a table: the same in the workbook, CSV and JSON.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="Value">Its value: a string, a long, a double, or null where the number is NaN.</param>
/// <param name="Width">Width in characters in the workbook.</param>
/// <param name="NumberFormat">Format code in the workbook; null for General.</param>
internal sealed record AssignmentColumn(
    string Name, Func<LayerAssignment, object?> Value, double Width, string? NumberFormat = null);
