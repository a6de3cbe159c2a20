using OneComp.Errors;
using OneComp.Models;
using OneComp.Progress;

namespace OneComp.Tests.Logs;

public class RedactionTests
{
    [Theory]
    [InlineData("Bearer hf_abcdefghijklmnopqrstuvwxyz", "Bearer ********")]
    [InlineData("token=api_org_abcdefghijklmnopqrst.", "token=********.")]
    [InlineData("https://anna:secret@proxy:8080/x", "https://********@proxy:8080/x")]
    [InlineData("https://huggingface.co/org/name: 401", "https://huggingface.co/org/name: 401")]
    [InlineData("Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic ********")]
    [InlineData("bearer of news", "bearer of news")]
    [InlineData("https://store.example/x?X-Amz-Signature=0123abcd&part=1", "https://store.example/x?X-Amz-Signature=********&part=1")]
    [InlineData("https://store.example/x?part=1&access_token=0123abcd' failed", "https://store.example/x?part=1&access_token=********' failed")]
    [InlineData("model.layers.0.self_attn.q_proj at hf_short", "model.layers.0.self_attn.q_proj at hf_short")]
    public void Tokens_and_passwords_are_masked_and_nothing_else(string text, string expected) => Assert.Equal(expected, Redaction.Clean(text));

    [Fact]
    public void Errors_warnings_and_details_say_no_secret()
    {
        const string secret = "hf_abcdefghijklmnopqrstuvwxyz0123";
        string[] shown =
        [
            new ModelException(ModelError.ConfigMalformed, "config.json", $"reading with {secret} failed", new InvalidOperationException("inner")).Message,
            new WarningEvent($"read with {secret}").Message,
            new VerboseEvent($"read with {secret}").ToString(),
            new FactEvent(RunEventId.RunResumed, $"read with {secret}").ToString(),
        ];
        Assert.All(shown, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.All(shown, text => Assert.Contains("********", text, StringComparison.Ordinal));
    }
}
