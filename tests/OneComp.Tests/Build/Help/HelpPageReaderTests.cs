using OneComp.Build.Help;

namespace OneComp.Tests.Build.Help;

public class HelpPageReaderTests
{
    internal const string Page = """
        # Get-Thing

        Gets `things`, as
        [the book](https://example.org) says.

        ## Description

        One paragraph
        on two lines.

        - an item
        - another

        ## Parameters

        ### Name

        The name.

        ## Inputs

        ### System.String

        A name.

        ## Outputs

        ### Thing

        A thing.

        ## Examples

        ### One

        ```powershell
        # a comment, no heading
        Get-Thing a
        ```

        It is one.

        ### Two

        ```powershell
        Get-Thing b
        ```

        ## Links

        - Set-Thing
        """;

    [Fact]
    public void A_page_is_read_into_its_parts()
    {
        var page = HelpPageReader.Read(Page);
        Assert.Equal(("Get-Thing", "Gets things, as the book says."), (page.Name, page.Synopsis));
        Assert.Equal(["One paragraph on two lines.", "- an item", "- another"], page.Description);
        Assert.Equal(["The name."], page.Parameters["Name"]);
        Assert.Equal(("Thing", "A thing."), (page.Outputs[0].Name, page.Outputs[0].Text[0]));
        Assert.Equal(("One", "# a comment, no heading\nGet-Thing a", "It is one."), (page.Examples[0].Title, page.Examples[0].Code, page.Examples[0].Text[0]));
        Assert.Equal(2, page.Examples.Count);
        Assert.Equal(["Set-Thing"], page.Links);
    }

    [Theory]
    [InlineData("# Get-Thing\n", "", "0 titles")]
    [InlineData("## Links", "## Related", "Related")]
    [InlineData("The name.", "", "Name has no text")]
    [InlineData("on two lines.", "on two lines.\n\n## Notes\n", "Notes")]
    [InlineData("```powershell\nGet-Thing b\n```", "Get-Thing b", "example 'Two' has no code")]
    public void A_page_that_lacks_something_is_refused(string from, string to, string expected) => Assert.Contains(
        expected,
        Assert.Throws<FormatException>(() => HelpPageReader.Read(Page.ReplaceLineEndings("\n").Replace(from, to, StringComparison.Ordinal))).Message,
        StringComparison.Ordinal);
}
