using System.Text.Json.Nodes;
using OneComp.Quantization.Settings;
using OneComp.Quantizers;

namespace OneComp.Tests.Cmdlets;

/// <summary>Data files of PowerShell: nothing runs, and nothing but data reaches PowerShell's parser, which itself can load modules.</summary>
public class DataFileTests
{
    [Theory]
    [InlineData("@{ A = 1; B = -2.5; 'c d' = 'x' }", """{"A":1,"B":-2.5,"c d":"x"}""")]
    [InlineData("# a comment\n@{\n  A = @(1, 2) <# another #>\n  B = $true\n  C = $null }", """{"A":[1,2],"B":true,"C":null}""")]
    [InlineData("@{ A = 'it''s (a) {text} $x'; B = \"plain `$ `\" text\" }", """{"A":"it's (a) {text} $x","B":"plain $ \" text"}""")]
    [InlineData("@{ A = @'\nline 'one'\n'@ }", """{"A":"line 'one'"}""")]
    [InlineData("@{ A = @{ B = @{ C = 1e-3 } } }", """{"A":{"B":{"C":0.001}}}""")]
    public void Data_is_read(string text, string json) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), DataFile.Read(text, "x.psd1")));

    [Theory]
    [InlineData("@{ A = configuration X { Import-DscResource -ModuleName Evil } }", "configuration")]
    [InlineData("using module ./evil.psm1\n@{ A = 1 }", "using")]
    [InlineData("@{ A = Get-Item / }", "Get-Item")]
    [InlineData("@{ A = & 'x' }", "&")]
    [InlineData("@{ A = $env:HOME }", "$env")]
    [InlineData("@{ A = \"$(configuration X {})\" }", "double quotes")]
    [InlineData("@{ A = \u201C$(1)\u201D }", "double quotes")]
    [InlineData("@{ A = @\"\n$x\n\"@ }", "double quotes")]
    [InlineData("@{ A = [int]'1' }", "[")]
    [InlineData("@{ A = con`figuration X {} }", "con")]
    [InlineData("@{ A = { 1 } }", "{")]
    [InlineData("@{ A = (1) }", "(")]
    [InlineData("@{ A = 'never closed }", "never closed")]
    [InlineData("@{ A = 1 } }", "not opened")]
    [InlineData("@{ A = 1e999 }", "no plain value")]
    public void What_is_more_than_data_never_reaches_the_parser_or_is_refused_by_it(string text, string message)
    {
        var error = Assert.Throws<QuantizerSettingsException>(() => DataFile.Read(text, "x.psd1"));
        Assert.Equal(QuantizerSettingsError.NotData, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("line ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A = 1\n")]
    [InlineData("1 ")]
    [InlineData("-- ")]
    [InlineData("'a', ")]
    public void A_table_has_no_more_in_it_than_settings_need(string piece)
    {
        var error = Assert.Throws<QuantizerSettingsException>(() => DataFile.Read("@{" + string.Concat(Enumerable.Repeat(piece, 20_000)) + "}", "x.psd1"));
        Assert.Contains("over 2000 settings", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@(")]
    [InlineData("@{A=")]
    public void Brackets_are_not_nested_without_end(string bracket)
    {
        var error = Assert.Throws<QuantizerSettingsException>(() => DataFile.Read(string.Concat(Enumerable.Repeat(bracket, 100_000)), "x.psd1"));
        Assert.Contains("nested too deep", error.Message, StringComparison.Ordinal);
    }
}
