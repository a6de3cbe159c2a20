using System.Globalization;
using OneComp.Errors;
using OneComp.Hub;
using OneComp.Progress;

namespace OneComp.Tests.Hub;

/// <summary>Statuses of the hub: tried again where that may help, said in words with what to do where not.</summary>
public sealed class AnswerTests : HubTest
{
    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public void A_status_that_may_pass_is_tried_again(int status)
    {
        var content = HoldOneFile();
        Hub.Fault = request => request.Earlier < 2 ? new FakeFault { Status = status } : null;
        Save();
        Assert.Equal(content, Saved());
        Assert.True(Clock.Waits.Count >= 4); // twice for the list, twice or more on the way to the file
        Assert.Contains(Events.OfType<VerboseEvent>(), told => told.Message.Contains($"answered {status}.", StringComparison.Ordinal));
    }

    [Fact]
    public void Waits_grow_and_are_bounded()
    {
        Hub.Fault = _ => new FakeFault { Status = 500 };
        var error = Fails(HubError.AnswerFailed);
        Assert.Contains("500", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.ResourceUnavailable, error.Kind);
        Assert.Equal(6, Clock.Waits.Count);
        Assert.InRange(Clock.Waits.Sum(wait => wait.TotalSeconds), 15, 6 * 30);
        Assert.All(Clock.Waits, wait => Assert.InRange(wait.TotalSeconds, 0.01, 30));
    }

    [Fact]
    public void Retry_After_in_seconds_is_waited_for()
    {
        HoldOneFile();
        Hub.Fault = request => request is { File: null, Earlier: 0 } ? new FakeFault { Status = 429, Headers = [("Retry-After", "47")] } : null;
        Save();
        Assert.Equal([TimeSpan.FromSeconds(47)], Clock.Waits);
    }

    [Fact]
    public void Retry_After_as_a_date_is_waited_for()
    {
        HoldOneFile();
        var then = Clock.GetUtcNow().AddSeconds(120).ToString("R", CultureInfo.InvariantCulture);
        Hub.Fault = request => request is { File: null, Earlier: 0 } ? new FakeFault { Status = 503, Headers = [("Retry-After", then)] } : null;
        Save();
        Assert.InRange(Assert.Single(Clock.Waits).TotalSeconds, 100, 120);
    }

    [Fact]
    public void A_wait_of_hours_is_said_instead_of_waited_for()
    {
        Hub.Fault = _ => new FakeFault { Status = 429, Headers = [("Retry-After", "7200")] };
        Assert.Contains("120 minutes", Fails(HubError.AnswerFailed).Message, StringComparison.Ordinal);
        Assert.Empty(Clock.Waits);
    }

    [Theory]
    [InlineData(401, "GatedRepo", false, HubError.Gated, "Accept them at")]
    [InlineData(403, "GatedRepo", true, HubError.Gated, "belongs to that account")]
    [InlineData(403, "", false, HubError.Gated, "HF_TOKEN")]
    [InlineData(401, "", false, HubError.ModelNotFound, "HF_TOKEN")]
    [InlineData(401, "", true, HubError.TokenRefused, "expired")]
    [InlineData(401, "RepoNotFound", true, HubError.ModelNotFound, "mistyped")]
    [InlineData(404, "RepoNotFound", false, HubError.ModelNotFound, "mistyped")]
    [InlineData(404, "RevisionNotFound", false, HubError.RevisionNotFound, "'main'")]
    [InlineData(418, "", false, HubError.AnswerFailed, "418")]
    public void A_status_that_stays_says_what_to_do(int status, string code, bool token, HubError expected, string text)
    {
        Settings = Settings with { Token = token ? new HubToken("hf_secret") : null };
        Hub.Fault = _ => new FakeFault { Status = status, Headers = [("X-Error-Code", code)] };
        var error = Fails(expected);
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected == HubError.RevisionNotFound ? "acme/tiny" : FakeHub.Id, error.Message, StringComparison.Ordinal);
        Assert.Single(Hub.Requests);
        Assert.Empty(AllFiles());
    }

    [Theory]
    [InlineData(403, "GatedRepo", HubError.Gated)]
    [InlineData(404, "EntryNotFound", HubError.FileNotFound)]
    public void A_file_may_be_refused_although_it_is_listed(int status, string code, HubError expected)
    {
        HoldOneFile();
        Hub.Fault = request => request.File is not null ? new FakeFault { Status = status, Headers = [("X-Error-Code", code)] } : null;
        Fails(expected);
    }

    [Fact]
    public async Task A_hub_that_is_not_there_is_unreachable()
    {
        await Hub.DisposeAsync();
        var error = Fails(HubError.Unreachable);
        Assert.Contains("Save-OneCompModel -Destination", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.ResourceUnavailable, error.Kind);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{\"sha\":\"main\",\"siblings\":[]}")]
    [InlineData("{\"sha\":\"0123456789abcdef0123456789abcdef01234567\"}")]
    [InlineData("{\"sha\":\"0123456789abcdef0123456789abcdef01234567\",\"siblings\":[{}]}")]
    [InlineData("{\"sha\":\"0123456789abcdef0123456789abcdef01234567\",\"siblings\":[{\"rfilename\":\"a\",\"size\":-1}]}")]
    [InlineData("{\"sha\":\"0123456789abcdef0123456789abcdef01234567\",\"siblings\":[{\"rfilename\":\"a\",\"size\":1.5}]}")]
    public void A_list_that_is_none_is_refused(string body)
    {
        Hub.Fault = _ => new FakeFault { Body = body };
        Fails(HubError.AnswerInvalid);
    }

    [Fact]
    public void Facts_that_the_list_leaves_out_come_from_the_headers()
    {
        var content = HoldOneFile();
        Hub.Files.Add(FakeFile.Small("config.json", "{}"));
        Hub.ListsFacts = false;
        Save();
        Assert.Equal(content, Saved());
        Assert.Equal("{}"u8.ToArray(), Saved("config.json"));
        Assert.Equal(2, Hub.Requests.Count(request => request.Method == "HEAD"));
    }

    [Fact]
    public void A_file_without_a_hash_is_not_fetched()
    {
        Hub.Files.Add(FakeFile.Small("model.safetensors", "x") with { Hash = "none" });
        Assert.Equal("model.safetensors", Fails(HubError.HashMissing).Subject);
        Assert.Empty(AllFiles());
    }
}
