using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>What a user sees without asking for a format: a table that fits the console, for each type that a cmdlet gives.</summary>
public sealed class DisplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Get-OneCompDevice", "Name|TotalGB|Backend", "cpu")]
    [InlineData("Get-OneCompModel $Model", "Block|Module|InFeatures|OutFeatures|Parameters|DType|HasBias", "self_attn.q_proj|163,840|False")]
    [InlineData("Get-OneCompVramEstimate $Model -TotalVramGB 0.0115", "Model|TotalVramGB|KvCacheGB|WorkspaceGB|HalfGB|QuantGB|TargetBit", "tiny-llama|0.0115|0.0016|0.0042|3.75")]
    [InlineData("New-RtnQuantizer", "Name|WBits|GroupSize|Sym|Mse", "RTN_4bit_gs128|128|False")]
    [InlineData("New-GptqQuantizer", "Name|WBits|GroupSize|Sym|ActOrder|Mse|PercDamp", "GPTQ_4bit_gs128|128|True|0.03")]
    [InlineData("New-AutoBitQuantizer 3.25", "Name|TargetBit|AssignmentStrategy|Quantizers", "AutoBit_3.25bit|ActivationAware|GPTQ_2bit_gs128, |GPTQ_8bit_gs128")]
    [InlineData("New-RtnQuantizer 3 | Get-OneCompAssignment $Model", "Block|Module|Quantizer|Bits|EffectiveBits|GroupSize|Parameters|Error", "mlp.down_proj|RTN_3bit_gs128|3.1484")]
    [InlineData("New-RtnQuantizer | Invoke-OneCompQuantization $Model -Destination $Destination", "Model|TargetBit|EffectiveBits|CheckpointBytes|Elapsed|Destination", "tiny-llama|4.156")]
    [InlineData("New-RtnQuantizer | Invoke-OneCompQuantization $Model $Destination | Export-OneCompModel -Destination $Other -Format Dequantized", "Format|Files|Bytes|BitsPerWeight|Layers|ExactLayers|Model", "Dequantized|42|16.0")]
    [InlineData("$q = New-RtnQuantizer | Invoke-OneCompQuantization $Model $Destination; Import-OneCompModel $q.Destination", "Model|Method|Layers|PlainLayers|Bits|GroupSize|BitsPerWeight", "gptq|42|4: 42|128")]
    [InlineData("$q = New-RtnQuantizer | Invoke-OneCompQuantization $Model $Destination; Import-OneCompModel $q.Destination -Layer", "Block|Module|Method|Bits|GroupSize|Symmetric|ActOrder|StoredBits", "mlp.down_proj|gptq|False|128")]
    [InlineData("$q = New-RtnQuantizer | Invoke-OneCompQuantization $Model $Destination; Test-OneCompModel $q.Destination", "Check|Target|Passed|Message", "Headers|Verdict|True|checks passed")]
    [InlineData("Measure-OneCompPerplexity $Model $Ids -TensorName eval_ids -MaxLength 4", "Model|Text|Perplexity|Loss|Tokens|Windows", "tiny-llama|tiny-llama-ref.safete|192|64")]
    public void A_type_shows_as_a_table_within_the_console(string command, string headers, string values)
    {
        var text = _session.Display(
            $"param($Model, $Destination, $Other, $Ids) {command}",
            new { Model = Repository.TinyLlama, Destination = _folder.File("q"), Other = _folder.File("o"), Ids = Reference.TensorFile });
        var lines = text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0).ToList();
        Assert.All(lines, line => Assert.InRange(line.Length, 1, RecordingHost.Columns));
        var titles = lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(headers.Split('|'), header => Assert.Contains(header, titles));
        Assert.Matches("^[- ]+$", lines[1]);
        Assert.All(values.Split('|'), value => Assert.Contains(value, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_view_names_a_type_that_a_cmdlet_gives_and_properties_that_it_has()
    {
        var format = System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "src", "OneComp.Cmdlets", "OneComp.Format.ps1xml"));
        var types = _session.Invoke("(Get-Module OneComp).ExportedCmdlets.Values | ForEach-Object { $_.OutputType.Type }")
            .All<Type>().Append(typeof(OneComp.Estimation.TensorKindMemory)) // a table in an estimate
            .Where(type => type != typeof(FileInfo) && type != typeof(bool)).Distinct().ToDictionary(type => type.FullName!);
        var views = format.Descendants("View").ToList();
        Assert.Equal(types.Keys.Order(StringComparer.Ordinal), views.Where(view => view.Element("TableControl") is not null).Select(view => view.Descendants("TypeName").Single().Value).Order(StringComparer.Ordinal));
        Assert.All(views, view =>
        {
            var type = types[view.Descendants("TypeName").Single().Value];
            Assert.All(view.Descendants("PropertyName"), name => Assert.NotNull(type.GetProperty(name.Value)));
            Assert.All(
                view.Descendants("ScriptBlock").SelectMany(script => System.Text.RegularExpressions.Regex.Matches(script.Value, @"\$_\.(\w+)")),
                use => Assert.NotNull(type.GetProperty(use.Groups[1].Value)));
            Assert.Equal(view.Descendants("TableColumnHeader").Count(), view.Descendants("TableColumnItem").Count());
        });
    }

    [Fact]
    public void Every_table_fits_the_console_by_its_widths()
    {
        var format = System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "src", "OneComp.Cmdlets", "OneComp.Format.ps1xml"));
        Assert.All(format.Descendants("TableControl"), table =>
        {
            var widths = table.Descendants("TableColumnHeader").Select(header => (int?)header.Element("Width")).ToList();
            Assert.True(widths.SkipLast(1).All(width => width is not null), "only the last column takes what is left");
            Assert.InRange(widths.Sum(width => width ?? 20) + widths.Count - 1, 1, RecordingHost.Columns);
        });
    }

    [Fact]
    public void A_list_view_shows_everything_that_the_type_has()
    {
        var format = System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "src", "OneComp.Cmdlets", "OneComp.Format.ps1xml"));
        var lists = format.Descendants("View").Where(view => view.Element("ListControl") is not null).ToList();
        Assert.NotEmpty(lists);
        Assert.All(lists, view =>
        {
            var type = typeof(OneComp.Errors.OneCompException).Assembly.GetType(view.Descendants("TypeName").Single().Value, throwOnError: true)!;
            Assert.Equal(type.GetProperties().Select(property => property.Name).Order(), view.Descendants("PropertyName").Select(name => name.Value).Order());
        });
    }

    [Theory]
    [InlineData("New-GptqQuantizer | Invoke-OneCompQuantization $Model $Destination -NumCalibrationSamples 2 -MaxLength 32 -ResampleRounds 0 -Device cpu -WhatIf", "EffectiveBits +: 4.1563", "CalibrationTokens +: 64", "Destination +: .*[/\\\\]q$")]
    [InlineData("$Result", "EffectiveBits +: 4.1563", "Perplexity +: 12.346", "Workbook +: q-assignment.xlsx$", "OriginalBytes +: 12,458,496", "Ratio +: 1.86")]
    public void A_result_of_many_figures_shows_as_a_list_within_the_console(string command, params string[] lines)
    {
        var result = new OneComp.Compression.CompressionResult
        {
            Model = Repository.TinyLlama,
            Destination = _folder.File("q"),
            TargetBit = 4,
            EffectiveBits = 4.15625,
            Layers = 42,
            Perplexity = 12.3456,
            OriginalPerplexity = null,
            EvaluationPath = "held-out.txt",
            OriginalBytes = 12458496,
            CheckpointBytes = 6707138,
            Seconds = 61,
            Workbook = "q-assignment.xlsx",
            Heatmap = "q-heatmap.png",
        };
        var text = _session.Display($"param($Model, $Destination, $Result) {command}", new { Model = Repository.TinyLlama, Destination = _folder.File("q"), Result = result });
        var shown = text.Split('\n').Select(line => line.TrimEnd()).ToList();
        Assert.All(lines, expected => Assert.Contains(shown, line => System.Text.RegularExpressions.Regex.IsMatch(line, expected)));
        Assert.All(shown.Where(line => !line.StartsWith("What if", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, RecordingHost.Columns));
    }

    [Fact]
    public void The_table_of_an_estimate_by_kind_shows_within_the_console()
    {
        var text = _session.Display("param($Model) (Get-OneCompVramEstimate $Model -TotalVramGB 0.0115).Tensors", new { Model = Repository.TinyLlama });
        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, RecordingHost.Columns));
        Assert.Contains("Embedding", text, StringComparison.Ordinal);
        Assert.Contains("4,128,768", text, StringComparison.Ordinal);
    }
}
