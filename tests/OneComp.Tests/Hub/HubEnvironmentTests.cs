using OneComp.Hub;
using OneComp.Tests.Support;

namespace OneComp.Tests.Hub;

/// <summary>The environment variables of Hugging Face's tools.</summary>
public sealed class HubEnvironmentTests : IDisposable
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_cache_is_where_other_tools_have_it()
    {
        Assert.Equal(Path.Combine(Home, ".cache", "huggingface", "hub"), Read().CacheFolder);
        Assert.Equal(Path.Combine(Home, "xdg", "huggingface", "hub"), Read(("XDG_CACHE_HOME", "~/xdg")).CacheFolder);
        Assert.Equal(_folder.File("home/hub"), Read(("HF_HOME", _folder.File("home")), ("XDG_CACHE_HOME", "/x")).CacheFolder);
        Assert.Equal(_folder.File("old"), Read(("HUGGINGFACE_HUB_CACHE", _folder.File("old")), ("HF_HOME", "/x")).CacheFolder);
        Assert.Equal(_folder.File("new"), Read(("HF_HUB_CACHE", _folder.File("new")), ("HUGGINGFACE_HUB_CACHE", "/x")).CacheFolder);
    }

    [Fact]
    public void The_endpoint_may_be_a_mirror_with_a_path()
    {
        Assert.Equal("https://huggingface.co/", Read().Endpoint.AbsoluteUri);
        Assert.Equal("https://mirror.corp:8443/api/hf/", Read(("HF_ENDPOINT", "https://mirror.corp:8443/api/hf/")).Endpoint.AbsoluteUri);
    }

    [Theory]
    [InlineData("mirror.corp")]
    [InlineData("ftp://mirror.corp")]
    [InlineData("https://user:password@mirror.corp")]
    [InlineData("https://mirror.corp/?x=1")]
    public void An_endpoint_that_is_no_address_is_refused(string endpoint)
    {
        var error = Assert.Throws<HubException>(() => Read(("HF_ENDPOINT", endpoint)));
        Assert.Equal(HubError.EndpointInvalid, error.Error);
        Assert.DoesNotContain("password", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("Yes", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    public void Offline_is_said_in_the_usual_ways(string value, bool expected) => Assert.Equal(expected, Read(("HF_HUB_OFFLINE", value)).Offline);

    [Fact]
    public void The_token_comes_from_the_variable_or_the_file()
    {
        File.WriteAllText(_folder.File("token"), "hf_file\n");
        Assert.Null(Read(("HF_HOME", _folder.File("none"))).Token);
        Assert.Equal("hf_file", TokenOf(("HF_HOME", _folder.Path)));
        Assert.Equal("hf_file", TokenOf(("HF_TOKEN_PATH", _folder.File("token"))));
        Assert.Equal("hf_set", TokenOf(("HF_HOME", _folder.Path), ("HF_TOKEN", " hf_set\n")));
        Assert.Null(Read(("HF_HOME", _folder.Path), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
    }

    [Fact]
    public void A_token_shows_as_asterisks()
    {
        var settings = Read(("HF_TOKEN", "hf_secret"));
        Assert.Equal("********", settings.Token!.ToString());
        Assert.DoesNotContain("hf_secret", settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", System.Text.Json.JsonSerializer.Serialize(settings.Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hf_a b")]
    [InlineData("hf_a\r\nX-Header: b")]
    [InlineData("hf_ü")]
    public void A_token_that_no_header_can_carry_is_refused_and_not_told(string token)
    {
        var error = Assert.Throws<HubException>(() => new HubToken(token));
        Assert.Equal(HubError.TokenInvalid, error.Error);
        Assert.DoesNotContain("hf_", error.ToString(), StringComparison.Ordinal);
    }

    private static HubSettings Read(params (string Name, string Value)[] variables) =>
        HubEnvironment.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    private static string? TokenOf(params (string Name, string Value)[] variables) => Read(variables).Token!.Header.Parameter;
}
