using OneComp.Models;

namespace OneComp.Tests.Untrusted;

/// <summary>What files say gets into messages, and messages to terminals and logs.</summary>
public class MessageTextTests
{
    [Theory]
    [InlineData("a\u001b[2Jb", "a?[2Jb")]
    [InlineData("a\u0000b\u009bc\rd", "a?b?c?d")]
    [InlineData("gnp.\u202Efdp\u2066x", "gnp.?fdp?x")]
    [InlineData("two\nlines\tand a tab, é 😀 בית", "two\nlines\tand a tab, é 😀 בית")]
    public void What_steers_a_terminal_is_taken_out(string message, string expected) => Assert.Equal(expected, Message(message));

    [Fact]
    public void A_message_is_cut_where_nobody_would_read_on() => Assert.InRange(Message(new string('x', 1_000_000)).Length, 10_000, 20_000);

    private static string Message(string text) => new ModelException(ModelError.ConfigMalformed, "config.json", text).Message;
}
