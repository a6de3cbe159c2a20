using OneComp.Hub;
using OneComp.Progress;

namespace OneComp.Tests.Hub;

/// <summary>Who gets to see the token.</summary>
public sealed class RedirectTests : HubTest
{
    private const string Secret = "hf_abcdefghijklmnop";

    [Fact]
    public void The_token_goes_to_the_hub_and_never_to_the_host_of_a_redirect()
    {
        Settings = Settings with { Token = new HubToken(Secret) };
        HoldOneFile();
        Hub.Files.Add(FakeFile.Small("config.json", "{}"));
        Save();
        Assert.Contains(Hub.Requests, request => request.IsStorage);
        Assert.All(Hub.Requests, request => Assert.Equal(request.IsStorage ? "" : "Bearer " + Secret, request.Authorization));
    }

    [Fact]
    public void The_token_stays_with_a_redirect_within_the_hub()
    {
        Settings = Settings with { Token = new HubToken(Secret) };
        HoldOneFile();
        Hub.Fault = request => request.Path.Contains("models/acme/tiny", StringComparison.Ordinal)
            ? new FakeFault { Status = 307, Headers = [("Location", "/api/models/acme/renamed/revision/main?blobs=true")] } : null;
        Save();
        Assert.Equal("Bearer " + Secret, Assert.Single(Hub.Requests, request => request.Path.Contains("renamed", StringComparison.Ordinal)).Authorization);
    }

    [Fact]
    public void Neither_events_nor_errors_tell_the_token_or_a_storage_hosts_signature()
    {
        Settings = Settings with { Token = new HubToken(Secret) };
        HoldOneFile();
        Hub.Fault = request => request is { IsStorage: true } ? new FakeFault { Status = 503 } : null;
        var error = Fails(HubError.AnswerFailed);
        var told = string.Join('\n', Events.Select(item => item.ToString()).Append(error.ToString()).Append(Settings.ToString()));
        Assert.NotEmpty(Events.OfType<VerboseEvent>());
        Assert.DoesNotContain(Secret, told, StringComparison.Ordinal);
        Assert.DoesNotContain("signature", told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/x")]
    public void A_redirect_to_another_scheme_is_not_followed(string location)
    {
        Hub.Fault = _ => new FakeFault { Status = 302, Headers = [("Location", location)] };
        Fails(HubError.AnswerInvalid);
        Assert.Single(Hub.Requests);
    }

    [Fact]
    public void A_circle_of_redirects_ends()
    {
        Hub.Fault = request => new FakeFault { Status = 302, Headers = [("Location", request.Path)] };
        Assert.Contains("more than 10 times", Fails(HubError.AnswerInvalid).Message, StringComparison.Ordinal);
        Assert.Equal(11, Hub.Requests.Count);
    }
}
