namespace OneComp.Models.Architectures;

/// <summary>Which blocks of a Qwen model slide: those layer_types names, else those from max_window_layers on.</summary>
internal static class QwenWindow
{
    public static int? Of(ModelConfig config, int block)
    {
        var slides = config.LayerTypes is { } types
            ? types[block] == "sliding_attention"
            : block >= (config.MaxWindowLayers ?? int.MaxValue);
        return slides ? config.SlidingWindow : null;
    }
}
