using System.Text.Json;
using OneComp.Safetensors;

namespace OneComp.Tests.Support;

/// <summary>What the Python reference computed on tiny-llama: Data/tiny-llama-ref.json and .safetensors.</summary>
internal static class Reference
{
    public static string TensorFile => Repository.Data("tiny-llama-ref.safetensors");

    public static JsonElement Json { get; } = JsonDocument.Parse(File.ReadAllText(Repository.Data("tiny-llama-ref.json"))).RootElement;

    public static float[] Floats(string name)
    {
        using var file = SafetensorsFile.Open(TensorFile);
        return file.ReadSingle(file.Require(name));
    }

    public static byte[] Bytes(string name)
    {
        using var file = SafetensorsFile.Open(TensorFile);
        return file.ReadBytes(file.Require(name));
    }

    public static int[] Ints(string name)
    {
        using var file = SafetensorsFile.Open(TensorFile);
        return file.ReadInt32(file.Require(name));
    }

    /// <summary>The entry of the "gptq" list with that tag.</summary>
    public static JsonElement Run(string tag) =>
        Json.GetProperty("gptq").EnumerateArray().Single(run => run.GetProperty("tag").GetString() == tag);

    /// <summary>A field that gives each layer four numbers: 2, 3, 4 and 8 bits.</summary>
    public static Dictionary<string, double[]> ErrorsByLayer(string field) => Json.GetProperty(field).EnumerateObject()
        .ToDictionary(layer => layer.Name, layer => layer.Value.EnumerateArray().Select(value => value.GetDouble()).ToArray());

    /// <summary>‖actual - expected‖ / ‖expected‖.</summary>
    public static double RelativeDifference(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        double difference = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)actual[i] - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        return Math.Sqrt(difference / norm);
    }
}
