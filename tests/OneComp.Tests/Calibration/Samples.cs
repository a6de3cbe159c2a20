using System.IO.Compression;
using System.Text.Json;
using OneComp.Calibration;
using OneComp.Safetensors;
using OneComp.Tests.Support;
using Parquet;
using Parquet.Schema;

namespace OneComp.Tests.Calibration;

/// <summary>Files to read, and the check that reading them fails as it should.</summary>
internal static class Samples
{
    public static string WriteText(this TemporaryFolder folder, string name, string text)
    {
        var path = folder.File(name);
        File.WriteAllText(path, text);
        return path;
    }

    public static string WriteJsonLines(this TemporaryFolder folder, string name, params string?[] documents) =>
        folder.WriteText(name, string.Join('\n', documents.Select(text => JsonSerializer.Serialize(new { id = 1, text }))));

    public static string WriteGzip(this TemporaryFolder folder, string name, string text)
    {
        var path = folder.File(name);
        using var writer = new StreamWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        writer.Write(text);
        return path;
    }

    /// <summary>Columns "text" (strings) and "number"; one row group for each array.</summary>
    public static async Task<string> WriteParquetAsync(this TemporaryFolder folder, string name, params string?[][] groups)
    {
        var text = new DataField<string>("text");
        var number = new DataField<int>("number");
        var path = folder.File(name);
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(text, number), stream);
        foreach (var group in groups)
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync(text, group);
            await rows.WriteAsync<int>(number, Enumerable.Range(0, group.Length).ToArray());
        }

        return path;
    }

    public static string WriteTensors(this TemporaryFolder folder, params (string Name, DType DType, long[] Shape, byte[] Data)[] tensors)
    {
        var path = folder.File("ids.safetensors");
        using var writer = SafetensorsWriter.Create(path, [.. tensors.Select(t => new TensorSpec(t.Name, t.DType, t.Shape))]);
        foreach (var tensor in tensors)
        {
            writer.Write(tensor.Name, tensor.Data);
        }

        writer.Commit();
        return path;
    }

    public static CalibrationException Fails(CalibrationError error, Func<object> action)
    {
        var fault = Assert.Throws<CalibrationException>(action);
        Assert.Equal(error, fault.Error);
        Assert.Equal($"Calibration{error}", fault.ErrorId);
        return fault;
    }
}
