namespace OneComp.Tests.Examples;

public sealed class MarkdownExamplesTests
{
    private const string Markdown = """
        # Title
        ```powershell
        Get-A
        Get-B
        ```
        text
        ```sh
        make
        ```
        ```powershell
        # not run here: needs a GPU
        Get-C
        ```
        ```powershell
        # comment
        Get-D
        ```
        """;

    [Fact]
    public void The_blocks_of_a_language_are_found_with_their_lines() => Assert.Equal(
        [new MarkdownExample(2, "Get-A\nGet-B"), new MarkdownExample(14, "# comment\nGet-D")],
        MarkdownExamples.Of(Markdown, "powershell"));

    [Fact]
    public void A_block_that_is_not_closed_is_an_error() =>
        Assert.Contains("line 2", Assert.Throws<FormatException>(() => MarkdownExamples.Of("x\n```powershell\nGet-A", "powershell")).Message, StringComparison.Ordinal);
}
