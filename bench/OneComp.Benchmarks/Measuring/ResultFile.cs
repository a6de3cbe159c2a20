using System.Text.Json;
using OneComp.Runtime;

namespace OneComp.Benchmarks.Measuring;

/// <summary>Figures as JSON, with what they were taken on and when.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write<T>(string file, string device, T results, bool tell = true)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var content = new { Device = device, Date = DateTime.UtcNow.ToString("yyyy-MM-dd", null), Command = Environment.CommandLine, Results = results };
        File.WriteAllText(file, JsonSerializer.Serialize(content, Indented) + "\n");
        if (tell)
        {
            Console.WriteLine($"written to {file}");
        }
    }

    /// <summary>What the maker calls a device.</summary>
    public static string NameOf(TorchSharp.torch.Device device)
    {
        var name = device.type == TorchSharp.DeviceType.CPU ? "cpu" : $"cuda:{Math.Max(device.index, 0)}";
        return ComputeDevices.List().FirstOrDefault(known => known.Name == name) is { } found ? $"{found.DisplayName}, {found.LibraryVersion}" : name;
    }
}
