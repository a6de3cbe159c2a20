using OneComp.Export;
using OneComp.Formats;
using OneComp.Models;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.Rtn;
using OneComp.Tests.Models;
using OneComp.Tests.Pipeline;
using OneComp.Tests.Support;

namespace OneComp.Tests.Export;

/// <summary>A quantized model in a temporary folder, and exports of it beside it.</summary>
internal sealed class QuantizedFolder : IDisposable
{
    private readonly TemporaryFolder _root = new();

    /// <param name="model">tiny-llama, ragged, or the name of a model under Data/architectures.</param>
    /// <param name="quantizer">How it is quantized.</param>
    public QuantizedFolder(string model, Quantizer quantizer)
    {
        Source = model switch
        {
            "tiny-llama" => Repository.TinyLlama,
            "ragged" => RaggedModel.Write(_root.File("source")),
            _ => CopyWithTokenizer(ModelFolders.Architecture(model)),
        };
        Path = _root.File("q");
        var expected = System.IO.Path.Combine(Source, "expected.safetensors");
        QuantizationRun.Run(new QuantizationOptions
        {
            Model = Source,
            Quantizer = quantizer,
            Destination = Path,
            Device = "cpu",
            CalibrationPath = File.Exists(expected) ? expected : null,
            TensorName = File.Exists(expected) ? "input_ids" : null,
            NumCalibrationSamples = 2,
            MaxLength = model == "tiny-llama" ? 32 : null,
            ResampleRounds = 0,
        });
    }

    public string Source { get; }

    public string Path { get; }

    public static RtnQuantizer Rtn(int bits, int groupSize, bool sym = true) => new() { WBits = bits, GroupSize = groupSize, Sym = sym };

    /// <summary>A path beside the model.</summary>
    public string Beside(string name) => _root.File(name);

    /// <summary>Exports the model.</summary>
    public ExportResult Export(ExportFormat format, Func<ExportOptions, ExportOptions>? change = null, IProgress<OneComp.Progress.RunEvent>? progress = null)
    {
        var options = new ExportOptions { Model = Path, Destination = _root.File(format.ToString()), Format = format };
        return ExportRun.Run(change?.Invoke(options) ?? options, progress);
    }

    /// <summary>Every quantized layer's weight, dequantized, by name.</summary>
    public static Dictionary<string, float[]> Weights(string folder)
    {
        using var model = QuantizedModel.Open(folder);
        return model.Layers.ToDictionary(layer => layer.Name, layer => Weight(model.Model, layer));
    }

    public static float[] Weight(CausalModel model, LinearLayer layer)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var weight = model.ReadWeight(layer);
        return weight.to(TorchSharp.torch.ScalarType.Float32).data<float>().ToArray();
    }

    public void Dispose() => _root.Dispose();

    private string CopyWithTokenizer(string model)
    {
        var folder = _root.File("source");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(model))
        {
            File.Copy(file, System.IO.Path.Combine(folder, System.IO.Path.GetFileName(file)));
        }

        SmallTokenizer.Write(folder, byteLevel: !model.Contains("mistral", StringComparison.Ordinal));
        return folder;
    }
}
