namespace OneComp.Pipeline;

/// <summary>A result that knows the folder it was made from and the folder it wrote: cmdlets take the latter from a pipeline.</summary>
public interface IQuantizedFolder
{
    /// <summary>The source: a folder, or an id on the hub.</summary>
    string Model { get; }

    /// <summary>Folder of the quantized model.</summary>
    string Destination { get; }
}
