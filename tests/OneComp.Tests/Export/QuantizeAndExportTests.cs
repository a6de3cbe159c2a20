using OneComp.Export;
using OneComp.Formats;
using OneComp.Pipeline;
using OneComp.Quantization;
using OneComp.Quantization.Gptq;
using OneComp.Tests.Models;
using OneComp.Tests.Support;
using OneComp.Tokenization;

namespace OneComp.Tests.Export;

/// <summary>A run straight into a form.</summary>
public class QuantizeAndExportTests
{
    [Fact]
    public void The_form_holds_the_weights_of_the_run_and_nothing_else_is_left()
    {
        using var folder = new QuantizedFolder("qwen2", QuantizedFolder.Rtn(4, 32));
        var result = QuantizeAndExport.Run(Options(folder.Source, folder.Beside("out/ct"), QuantizedFolder.Rtn(4, 32)), Form(ExportFormat.CompressedTensors));
        Assert.Equal(QuantizedFolder.Weights(folder.Path), QuantizedFolder.Weights(result.Destination));
        Assert.Equal([result.Destination], Directory.GetFileSystemEntries(folder.Beside("out")));
        Assert.Equal(new DirectoryInfo(result.Destination).GetFiles().Where(file => file.Name != "run.json").Sum(file => file.Length), result.CheckpointBytes);
        Assert.Equal("compressed-tensors", ModelImport.Read(result.Destination).Method);
    }

    [Fact]
    public void A_plan_that_the_form_cannot_hold_is_refused_before_calibration()
    {
        using var folder = new TemporaryFolder();
        var source = ModelFolders.Architecture("qwen2"); // without a tokenizer: calibration would fail otherwise
        Refuses(new GptqQuantizer { Sym = false }, ExportError.LayerAsymmetric);
        Refuses(new GptqQuantizer { ActOrder = true, GroupSize = 16 }, ExportError.LayerActOrder);
        Refuses(new OneComp.Quantization.Dbf.DbfQuantizer(), ExportError.LayerMethod);
        Assert.Throws<TokenizerException>(() => QuantizeAndExport.Run(Options(source, folder.File("gguf"), new GptqQuantizer()), Form(ExportFormat.Gguf)));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));

        void Refuses(Quantizer quantizer, ExportError error) => Assert.Equal(
            error,
            Assert.Throws<ExportException>(() => QuantizeAndExport.Run(Options(source, folder.File("ct"), quantizer), Form(ExportFormat.CompressedTensors))).Error);
    }

    private static QuantizationOptions Options(string model, string destination, Quantizer quantizer) =>
        new() { Model = model, Destination = destination, Quantizer = quantizer, Device = "cpu" };

    private static ExportOptions Form(ExportFormat format) => new() { Model = "", Destination = "", Format = format };
}
