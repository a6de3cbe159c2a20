using System.Text;
using System.Text.Json;
using OneComp.Untrusted;

namespace OneComp.Tests.Untrusted;

public class StrictJsonTests
{
    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"b\":{\"a\":1,\"a\":2}}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"a\":\"\\udc00x\"}")]
    [InlineData("[\"\\ud83d\"]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("// a comment\n{}")]
    [InlineData("{} {}")]
    [InlineData("")]
    public void What_is_not_strict_is_refused_at_once(string json) =>
        Assert.ThrowsAny<JsonException>(() => StrictJson.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void So_is_what_is_not_utf8() => Assert.ThrowsAny<JsonException>(() => StrictJson.Parse([(byte)'"', 0xFF, (byte)'"']));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Nesting_is_bounded(int depth, bool isRead)
    {
        var json = Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
        if (isRead)
        {
            Assert.NotNull(StrictJson.Parse(json));
        }
        else
        {
            Assert.ThrowsAny<JsonException>(() => StrictJson.Parse(json));
        }
    }

    [Fact]
    public void A_byte_order_mark_does_no_harm() => Assert.Equal("1", StrictJson.Parse([0xEF, 0xBB, 0xBF, (byte)'1'])!.ToJsonString());

    [Fact]
    public void Pairs_of_surrogates_are_text() => Assert.Equal("😀", (string?)StrictJson.Parse(Encoding.UTF8.GetBytes("\"\\ud83d\\ude00\"")));

    [Fact]
    public void Files_that_people_write_may_have_comments() =>
        Assert.NotNull(StrictJson.Parse(Encoding.UTF8.GetBytes("{\"a\":1, // one\n}"), lenient: true));
}
