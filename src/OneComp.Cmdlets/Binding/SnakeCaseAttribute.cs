using System.Management.Automation;

namespace OneComp.Binding;

/// <summary>Lets an enum parameter take the reference's spelling too: <c>activation_aware</c> binds as ActivationAware.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SnakeCaseAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is string text ? text.Replace("_", "", StringComparison.Ordinal) : inputData;
}
