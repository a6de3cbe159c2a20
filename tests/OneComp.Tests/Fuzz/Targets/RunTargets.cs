using System.Text;
using System.Text.Json.Nodes;
using OneComp.Calibration;
using OneComp.Pipeline.Locking;
using OneComp.Pipeline.Resuming;
using OneComp.Quantization;
using OneComp.Records;
using OneComp.Safetensors;
using OneComp.Tests.Fuzz.Mutation;
using OneComp.Verification;
using static TorchSharp.torch;
using SourceFile = OneComp.Pipeline.Resuming.SourceFile;

namespace OneComp.Tests.Fuzz.Targets;

/// <summary>What a run leaves to go on from, the lock beside it, and the record in its result.</summary>
internal static class RunTargets
{
    private const string Lock = """{"lock_version":1,"user":"anna","host":"node7","process_id":4711,"process":"x:1","since":"2026-11-24T01:30:00.0000000+00:00"}""";

    private const string Record = """
        {"record_version":1,"quantization":{"versions":{"onecomp":"0.1.0"},"seed":0,"settings":{"Model":"/m/x","Quantizer":{"Name":"GPTQ"}},"assignment":[{"layer":"l","quantizer":"GPTQ_4bit_gs128","bits":4,"group_size":128,"effective_bits":4.15,"parameters":4096,"error":null}]},
        "evaluations":[{"text":"a.txt","windows":2,"max_length":8,"stride":8,"tokens":14,"perplexity":12.5}],"files":{"config.json":{"bytes":2,"sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}}
        """;

    public static IEnumerable<FuzzTarget> All(Scratch scratch)
    {
        yield return new FuzzTarget("run-state", [State(scratch)], JsonMutations.Any, input => RunStateFile.Read(scratch.Write("run-state.json", input)));
        yield return new FuzzTarget("run-lock", [Encoding.UTF8.GetBytes(Lock)], JsonMutations.Any, input => _ = LockOwner.Parse(input)?.ToString() ?? throw NotOurs());
        yield return new FuzzTarget("run-states", [States(scratch)], SafetensorsMutations.Any, input => ReadStates(scratch.Write("states.safetensors", input)));

        var folder = Directory.CreateDirectory(scratch.Path("record")).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), "{}");
        yield return new FuzzTarget("record", [Encoding.UTF8.GetBytes(Record)], JsonMutations.Any, input =>
        {
            scratch.Write("record/onecomp.json", input);
            var record = RunRecord.Read(folder) ?? throw NotOurs();
            _ = FileChecks.Hashes(folder, record, CancellationToken.None).Count();
            ModelCard.Text("x", "gptq", record, false);
            RunRecord.OfExport(new object(), record);
        });
    }

    // Readers that answer null: a file that is none of ours counts as not there.
    private static RunException NotOurs() => RunState.Invalid("it is not ours");

    private static byte[] State(Scratch scratch)
    {
        var path = scratch.Path("seed-state.json");
        RunStateFile.Write(path, new RunState
        {
            Begun = LockOwner.Parse(Encoding.UTF8.GetBytes(Lock))!,
            Settings = new JsonObject { ["Seed"] = 0, ["Quantizer"] = new JsonObject { ["WBits"] = 4 } },
            Source = [new SourceFile("config.json", 10, "2026-11-24T01:30:00.0000000Z")],
            Device = "cpu",
            Threads = 2,
            TotalBlocks = 4,
            Blocks = 2,
            StatesBlocks = 1,
            Windows = "8:abc",
            Plan = new StoredPlan("SCIP", 0.1, 2, [new StoredChoice("a", 1, null, 0.5, [0.5, 0.7]), new StoredChoice("b", null, 1.5, null, null)]),
            Errors = new Dictionary<string, LayerErrors> { ["a"] = new(0.1, 0.2) },
        });
        return File.ReadAllBytes(path);
    }

    private static byte[] States(Scratch scratch)
    {
        var path = scratch.Path("seed-states.safetensors");
        using (var writer = SafetensorsWriter.Create(path, [new("samples", DType.I32, [2]), new("full", DType.F32, [2, 4, 8]), new("quantized", DType.F32, [2, 4, 8])], new Dictionary<string, string> { ["blocks"] = "1" }))
        {
            writer.Write("samples", System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>([0, 1]));
            writer.Write("full", new byte[256]);
            writer.Write("quantized", new byte[256]);
            writer.Commit();
        }

        return File.ReadAllBytes(path);
    }

    // As RunKeeper reads them: what is not what was expected becomes an error of ours there.
    private static void ReadStates(string path)
    {
        try
        {
            var (full, quantized) = StatesFile.Read(path, 1, new TokenWindows([1, 2, 3, 4, 5, 6, 7, 8], 4), 8, true, CPU, ScalarType.Float32, CancellationToken.None);
            full.Dispose();
            quantized?.Dispose();
        }
        catch (InvalidDataException exception)
        {
            throw RunState.Invalid(exception.Message, path, exception);
        }
    }
}
