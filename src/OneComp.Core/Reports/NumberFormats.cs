namespace OneComp.Reports;

/// <summary>Format codes of numbers, as Excel spells them.</summary>
internal static class NumberFormats
{
    public const string Whole = "0";
    public const string Count = "#,##0";
    public const string Bits = "0.##";
    public const string TargetBits = "0.###";
    public const string ExactBits = "0.0000";
    public const string Cost = "0.0000E+00";
    public const string CostTicks = "0E+00";
    public const string Gap = "0.0E+00;-0.0E+00;0";
    public const string Seconds = "0.000";
}
