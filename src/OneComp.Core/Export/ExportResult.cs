namespace OneComp.Export;

/// <summary>What an export wrote.</summary>
public sealed record ExportResult
{
    /// <summary>The form.</summary>
    public required ExportFormat Format { get; init; }

    /// <summary>Folder of the quantized model that it was made from.</summary>
    public required string Source { get; init; }

    /// <summary>Folder of the result. As a property it binds to -Model of other cmdlets.</summary>
    public required string Model { get; init; }

    /// <summary>Files in the folder.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bits of the weight files for each parameter of the model, embedding, head and norms among them.</summary>
    public required double BitsPerWeight { get; init; }

    /// <summary>Quantized layers of the source.</summary>
    public required int Layers { get; init; }

    /// <summary>Those of them that the result holds exactly; the others were rounded to half precision or 8 bits.</summary>
    public required int ExactLayers { get; init; }

    /// <summary>Time from start to the last file in place.</summary>
    public required TimeSpan Elapsed { get; init; }
}
