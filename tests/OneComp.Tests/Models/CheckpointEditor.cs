using OneComp.Safetensors;

namespace OneComp.Tests.Models;

/// <summary>Writes faulty copies of a one-file checkpoint.</summary>
internal static class CheckpointEditor
{
    /// <summary>
    /// Writes the tensors of a model anew. <paramref name="change"/> gets each tensor's description and bytes and returns what to
    /// write instead; null leaves the tensor out.
    /// </summary>
    public static void Rewrite(string from, string to, Func<TensorSpec, byte[], (TensorSpec Spec, byte[] Data)?> change)
    {
        using var source = Checkpoint.Open(from);
        var written = source.Tensors.Values
            .Select(entry => change(new TensorSpec(entry.Name, entry.DType, entry.Shape), source.ReadBytes(entry)))
            .OfType<(TensorSpec Spec, byte[] Data)>().ToList();
        using var writer = SafetensorsWriter.Create(Path.Combine(to, "model.safetensors"), [.. written.Select(tensor => tensor.Spec)]);
        written.ForEach(tensor => writer.Write(tensor.Spec.Name, tensor.Data));
        writer.Commit();
        File.Copy(Path.Combine(from, "config.json"), Path.Combine(to, "config.json"));
    }
}
