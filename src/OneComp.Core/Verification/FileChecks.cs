using System.Text.Json.Nodes;
using OneComp.Records;
using OneComp.Safetensors;
using OneComp.Untrusted;

namespace OneComp.Verification;

/// <summary>Files: headers, index, hashes.</summary>
internal static class FileChecks
{
    private const string IndexName = "model.safetensors.index.json";

    /// <summary>Each safetensors file by itself, so that every faulty one is named.</summary>
    public static IEnumerable<(string Target, string Fault)> Headers(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
        {
            yield return (Path.GetFileName(folder), "There is no safetensors file.");
        }

        foreach (var file in files)
        {
            if (CheckList.FaultOf(() => Open(folder, file)) is { } fault)
            {
                yield return (Path.GetFileName(file), fault);
            }
        }
    }

    private static void Open(string folder, string file)
    {
        FolderLinks.Require(folder, file);
        SafetensorsFile.Open(file).Dispose();
    }

    /// <summary>The index against the files: nothing beside it, and the size that it says.</summary>
    public static IEnumerable<(string Target, string Fault)> Index(Checkpoint checkpoint)
    {
        var known = checkpoint.Files.ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(checkpoint.Folder, "*.safetensors").Where(file => !known.Contains(file)).Order(StringComparer.Ordinal))
        {
            yield return (Path.GetFileName(file), "No loader reads the file: the index, or model.safetensors, stands before it.");
        }

        var index = Path.Combine(checkpoint.Folder, IndexName);
        if (!File.Exists(index))
        {
            yield break;
        }

        foreach (var file in checkpoint.Files)
        {
            using var opened = SafetensorsFile.Open(file);
            foreach (var name in opened.Tensors.Keys.Where(name => !checkpoint.Contains(name)).Order(StringComparer.Ordinal))
            {
                yield return (name, $"{Path.GetFileName(file)} holds the tensor, but the index does not name it.");
            }
        }

        var bytes = checkpoint.Tensors.Values.Sum(tensor => tensor.ByteCount);
        var json = StrictJson.Parse(BoundedFile.Read(index, SafetensorsHeader.MaxSize));
        if (json.Field("metadata").Field("total_size") is JsonValue value && value.TryGetValue(out long said) && said != bytes)
        {
            yield return (IndexName, $"total_size is {said}, but the tensors have {bytes} bytes.");
        }
    }

    /// <summary>The hashes of onecomp.json against the files.</summary>
    public static IEnumerable<(string Target, string Fault)> Hashes(string folder, RunRecord record, CancellationToken token)
    {
        foreach (var (name, entry) in record.Files)
        {
            var path = Path.Combine(folder, name);
            if (!PlainName.Is(name) || !FolderLinks.IsAllowed(folder, path))
            {
                yield return (name, $"{FileNames.Record} names the file, which lies outside the folder; it was not looked at.");
            }
            else if (!File.Exists(path))
            {
                yield return (name, $"{FileNames.Record} names the file, but it is not there.");
            }
            else if (entry.Field("bytes") is JsonValue size && size.TryGetValue(out long bytes) && bytes != new FileInfo(path).Length)
            {
                yield return (name, $"The file has {new FileInfo(path).Length} bytes; it was made with {bytes}.");
            }
            else if (entry.Field("sha256").AsText() is not { } expected || expected != FileHashes.Sha256(path, token))
            {
                yield return (name, "The file's SHA-256 is not the one it was made with: it was changed or damaged since.");
            }
        }

        foreach (var file in Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Where(name => name is not (FileNames.Record or FileNames.Report) && !record.Files.ContainsKey(name)).Order(StringComparer.Ordinal))
        {
            yield return (file, $"The file is not among those that {FileNames.Record} names: it was added since.");
        }
    }
}
