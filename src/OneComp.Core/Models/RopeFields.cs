using OneComp.Safetensors;

namespace OneComp.Models;

/// <summary>
/// The rotary embedding's fields: <c>rope_theta</c> and <c>rope_scaling</c> in the older spelling, both inside
/// <c>rope_parameters</c> in the newer.
/// </summary>
internal static class RopeFields
{
    private const double DefaultTheta = 10000;

    public static double Theta(ConfigFields config) =>
        config.Child("rope_parameters")?.Number("rope_theta") ?? config.Number("rope_theta") ?? DefaultTheta;

    /// <exception cref="ModelException">The type is not known here.</exception>
    public static RopeScaling? Scaling(ConfigFields config)
    {
        RequireFullRotation(config);
        var rope = config.Child("rope_parameters") ?? config.Child("rope_scaling");
        if (rope is null)
        {
            return null;
        }

        RequireFullRotation(rope);
        return (rope.Text("rope_type") ?? rope.Text("type")) switch
        {
            null or "default" => null,
            "linear" => new RopeScaling(RopeScalingKind.Linear, rope.RequireNumber("factor")),
            "llama3" => new RopeScaling(
                RopeScalingKind.Llama3,
                rope.RequireNumber("factor"),
                rope.RequireNumber("low_freq_factor"),
                rope.RequireNumber("high_freq_factor"),
                rope.RequireInt("original_max_position_embeddings")),
            var other => throw new ModelException(
                ModelError.RopeTypeUnknown, config.File,
                $"{config.File}: the rotary embedding is of type {Quoted.Text(other)}, expected default, linear or llama3."),
        };
    }

    private static void RequireFullRotation(ConfigFields fields)
    {
        if (fields.Number("partial_rotary_factor") is { } part and not 1)
        {
            throw new ModelException(
                ModelError.RopeTypeUnknown, fields.File,
                $"{fields.File}: partial_rotary_factor is {part}; only models that turn whole heads (1) are known here.");
        }
    }
}
