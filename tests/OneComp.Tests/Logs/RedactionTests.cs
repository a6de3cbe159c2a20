using OneComp.Logs;

namespace OneComp.Tests.Logs;

public class RedactionTests
{
    [Theory]
    [InlineData("Bearer hf_abcdefghijklmnopqrstuvwxyz", "Bearer ********")]
    [InlineData("token=api_org_abcdefghijklmnopqrst.", "token=********.")]
    [InlineData("https://anna:secret@proxy:8080/x", "https://********@proxy:8080/x")]
    [InlineData("https://huggingface.co/org/name: 401", "https://huggingface.co/org/name: 401")]
    [InlineData("model.layers.0.self_attn.q_proj at hf_short", "model.layers.0.self_attn.q_proj at hf_short")]
    public void Tokens_and_passwords_are_masked_and_nothing_else(string text, string expected) => Assert.Equal(expected, Redaction.Clean(text));
}
