using System.Text;
using OneComp.Hub;

namespace OneComp.Tests.Hub;

public class BlobHashTests
{
    [Theory]
    [InlineData("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a")] // git hash-object
    [InlineData("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")] // FIPS 180-2
    public void A_content_matches_its_hash_and_no_other(string content, string hex)
    {
        var expected = BlobHash.TryParse(hex)!.Value;
        var bytes = Encoding.ASCII.GetBytes(content);
        using var hash = expected.Start(bytes.Length);
        hash.AppendData(bytes);
        Assert.True(expected.Matches(hash));

        using var other = expected.Start(bytes.Length + 1);
        other.AppendData([.. bytes, 1]);
        Assert.False(expected.Matches(other));
    }

    [Theory]
    [InlineData("\"CE013625030BA8DBA906F756967F9E9CA394464A\"", "ce013625030ba8dba906f756967f9e9ca394464a")]
    [InlineData("W/\"ce013625030ba8dba906f756967f9e9ca394464a\"", "ce013625030ba8dba906f756967f9e9ca394464a")]
    [InlineData("ce01", null)]
    [InlineData("../../../../../../../../../../../../aaaa", null)]
    [InlineData(null, null)]
    public void ETags_are_read(string? text, string? hex) => Assert.Equal(hex, BlobHash.TryParse(text)?.Hex);
}
