using System.Runtime.InteropServices;
using System.Text;
using OneComp.Safetensors;
using OneComp.Tests.Fuzz.Mutation;
using OneComp.Verification;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>A safetensors file with every value read, and the index of several.</summary>
internal static class SafetensorsTargets
{
    private const int MostBytes = 1 << 20;
    private const string Shard = "model-00001-of-00001.safetensors";

    public static IEnumerable<FuzzTarget> All(Scratch scratch)
    {
        yield return new FuzzTarget("safetensors", [Small(scratch), Empty()], SafetensorsMutations.Any, input => ReadAll(scratch.Write("model.safetensors", input)));

        var folder = Directory.CreateDirectory(scratch.Path("sharded")).FullName;
        File.WriteAllBytes(Path.Combine(folder, Shard), Small(scratch));
        yield return new FuzzTarget("index", [Index()], JsonMutations.Any, input =>
        {
            scratch.Write("sharded/model.safetensors.index.json", input);
            using var checkpoint = Checkpoint.Open(folder);
            new CheckList(folder).Run("Index", "", FileChecks.Index(checkpoint)); // makes a row of JSON that is none
        });
    }

    /// <summary>Tensors of every kind that values are read of.</summary>
    public static byte[] Small(Scratch scratch)
    {
        var path = scratch.Path("seed.safetensors");
        TensorSpec[] tensors = [new("w", DType.F32, [2, 3]), new("h", DType.F16, [4]), new("b", DType.BF16, [2]), new("ids", DType.I64, [2, 2]), new("n", DType.I32, []), new("m", DType.Bool, [3])];
        using (var writer = SafetensorsWriter.Create(path, tensors, new Dictionary<string, string> { ["format"] = "pt" }))
        {
            foreach (var tensor in tensors)
            {
                var bytes = new byte[tensor.Shape.Aggregate(1L, (product, size) => product * size) * DTypes.SizeOf(tensor.DType)];
                if (tensor.DType == DType.I64)
                {
                    MemoryMarshal.AsBytes<long>([1, 2, 3, 4]).CopyTo(bytes);
                }

                writer.Write(tensor.Name, bytes);
            }

            writer.Commit();
        }

        return File.ReadAllBytes(path);
    }

    private static byte[] Empty() => SafetensorsMutations.File("{}"u8.ToArray(), []);

    private static byte[] Index() => Encoding.UTF8.GetBytes($$$"""{"metadata":{"total_size":79},"weight_map":{"w":"{{{Shard}}}","h":"{{{Shard}}}","ids":"{{{Shard}}}"}}""");

    private static void ReadAll(string path)
    {
        using var file = SafetensorsFile.Open(path);
        foreach (var entry in file.Tensors.Values.Where(entry => entry.ByteCount <= MostBytes))
        {
            switch (entry.DType)
            {
                case DType.F32 or DType.F16 or DType.BF16: file.ReadSingle(entry); break;
                case DType.I32 or DType.I64: file.ReadInt32(entry); break;
                default: file.ReadBytes(entry); break;
            }
        }
    }
}
