using System.Management.Automation;
using OneComp.Tests.Support;

namespace OneComp.Tests.Cmdlets;

/// <summary>Calibration text, budgets and devices that cannot be used.</summary>
public sealed class BadSettingTests : BadInputTest
{
    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\n")]
    public void An_empty_calibration_file(string text)
    {
        File.WriteAllText(Folder.File("text.txt"), text);
        Refuses(Repository.TinyLlama, "CalibrationFileEmpty", ErrorCategory.InvalidData, Gptq, $"-CalibrationPath '{Folder.File("text.txt")}'");
    }

    [Fact]
    public void A_calibration_file_that_is_not_there() =>
        Refuses(Repository.TinyLlama, "PathNotFound", ErrorCategory.ObjectNotFound, Gptq, $"-CalibrationPath '{Folder.File("none.txt")}'");

    [Theory]
    [InlineData(Gptq)]
    [InlineData("New-AutoBitQuantizer 3 -NumCalibSamples 4 -CalibSeqLen 64")]
    public void Too_little_text_says_how_much_there_is_and_how_much_is_needed(string quantizer)
    {
        File.WriteAllText(Folder.File("text.txt"), "Hello there, this is short.");
        var error = Refuses(Repository.TinyLlama, "CalibrationTooLittleText", ErrorCategory.InvalidData, quantizer, $"-CalibrationPath '{Folder.File("text.txt")}'");
        Assert.Contains(" 10 tokens", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(" 256", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_below_the_smallest_candidate_says_the_smallest_that_can_be_reached()
    {
        var error = Refuses(
            Repository.TinyLlama, "AssignmentBudgetTooSmall", ErrorCategory.InvalidArgument, "3, 4 | New-GptqQuantizer | New-AutoBitQuantizer 2.5 -AssignmentStrategy ilp -AutoDbf $false");
        Assert.Contains("2.5; the smallest that these candidates reach is 3 (3.1484", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda:99", "DeviceNotPresent", ErrorCategory.ObjectNotFound)]
    [InlineData("toaster", "DeviceNameInvalid", ErrorCategory.InvalidArgument)]
    public void A_device_that_is_not_there(string device, string errorId, ErrorCategory category) =>
        Refuses(Repository.TinyLlama, errorId, category, Rtn, $"-Device {device}");
}
