using OneComp.Untrusted;

namespace OneComp.Tests.Untrusted;

public class PlainNameTests
{
    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("model-00001-of-00002.safetensors")]
    [InlineData("..hidden")]
    [InlineData("console.json")]
    [InlineData("com10.json")]
    public void Names_in_a_folder_are_plain(string name) => Assert.True(PlainName.Is(name));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../model.safetensors")]
    [InlineData("..\\model.safetensors")]
    [InlineData("sub/model.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("C:model.safetensors")]
    [InlineData("a\u0000b")]
    [InlineData("NUL")]
    [InlineData("con.safetensors")]
    [InlineData("COM1")]
    [InlineData("lpt9.json")]
    public void Others_are_not_on_any_system(string name) => Assert.False(PlainName.Is(name));
}
