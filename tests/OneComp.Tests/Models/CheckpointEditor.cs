using OneComp.Safetensors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Models;

/// <summary>Changes one-file checkpoints.</summary>
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

    /// <summary>Adds a tensor of four bytes, 1 to 4, to a checkpoint in place.</summary>
    public static void Add(string folder, string name)
    {
        using var to = new TemporaryFolder();
        using (var source = Checkpoint.Open(folder))
        {
            var entries = source.Tensors.Values.OrderBy(entry => entry.Offset).ToList();
            using var writer = SafetensorsWriter.Create(to.File("model.safetensors"), [.. entries.Select(entry => new TensorSpec(entry.Name, entry.DType, entry.Shape)), new TensorSpec(name, DType.U8, [4])]);
            entries.ForEach(entry => writer.Write(entry.Name, source.ReadBytes(entry)));
            writer.Write(name, [1, 2, 3, 4]);
            writer.Commit();
        }

        File.Move(to.File("model.safetensors"), Path.Combine(folder, "model.safetensors"), overwrite: true);
    }
}
