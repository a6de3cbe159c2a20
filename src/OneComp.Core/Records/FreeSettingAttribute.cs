namespace OneComp.Records;

/// <summary>Marks a setting that may differ when an unfinished run goes on. All others are fixed: they say what is made.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FreeSettingAttribute : Attribute
{
    /// <summary>False for one that says nothing of the result, and so is not in its record either.</summary>
    public bool Recorded { get; init; }
}
