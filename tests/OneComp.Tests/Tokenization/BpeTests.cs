using System.Text.Json.Nodes;
using OneComp.Tokenization;

namespace OneComp.Tests.Tokenization;

/// <summary>The merge loop.</summary>
public class BpeTests
{
    [Fact]
    public void Of_equal_pairs_the_leftmost_is_joined_first() =>
        Assert.Equal([1, 0], Load(TokenizerFolder.Model("a", "a a")).Encode("aaa")); // aa a

    [Fact]
    public void The_pair_that_is_listed_first_is_joined_first() =>
        Assert.Equal([0, 3], Load(TokenizerFolder.Model("abc", "b c", "a b")).Encode("abc")); // a bc

    [Fact]
    public void Merges_may_be_written_as_pairs_whose_tokens_hold_spaces()
    {
        JsonObject model = TokenizerFolder.Model("a b");
        model["vocab"]!["a "] = 3;
        model["vocab"]!["a b"] = 4;
        model["merges"] = TokenizerFolder.Json("""[["a", " "], ["a ", "b"]]""");
        Assert.Equal([4, 3], Load(model).Encode("a ba "));
    }

    [Fact]
    public void With_ignore_merges_a_piece_of_the_vocabulary_is_one_token()
    {
        JsonObject model = TokenizerFolder.Model("abc", "b c", "a b");
        model["vocab"]!["abc"] = 9;
        model["ignore_merges"] = true;
        Assert.Equal([9], Load(model).Encode("abc"));
    }

    [Theory]
    [InlineData(false, new[] { 0, 2, 2, 0, 2 })]
    [InlineData(true, new[] { 0, 2, 0, 2 })]
    public void Unknown_characters_give_the_unknown_token_fused_or_not(bool fuse, int[] ids)
    {
        JsonObject model = TokenizerFolder.Model("ab");
        model["vocab"]!["<unk>"] = 2;
        model["unk_token"] = "<unk>";
        model["fuse_unk"] = fuse;
        Assert.Equal(ids, Load(model).Encode("ax\U0001F600ay"));
    }

    [Fact]
    public void Fused_unknown_characters_stay_one_in_a_long_piece()
    {
        JsonObject model = TokenizerFolder.Model("ab");
        model["vocab"]!["<unk>"] = 2;
        model["unk_token"] = "<unk>";
        model["fuse_unk"] = true;
        Assert.Equal([2], Load(model).Encode(new string('x', 1000)));
    }

    [Fact]
    public void An_unknown_character_is_dropped_where_there_is_no_unknown_token() =>
        Assert.Equal([0, 1], Load(TokenizerFolder.Model("ab")).Encode("axb"));

    [Fact]
    public void Byte_fallback_writes_the_utf8_bytes_of_a_character()
    {
        JsonObject model = TokenizerFolder.Model("a");
        for (int b = 0; b < 256; b++)
        {
            model["vocab"]![$"<0x{b:X2}>"] = 1000 + b;
        }

        model["byte_fallback"] = true;
        Assert.Equal([0, 1000 + 0xF0, 1000 + 0x9F, 1000 + 0x98, 1000 + 0x80, 0], Load(model).Encode("a\U0001F600a"));
    }

    [Fact]
    public void A_lone_surrogate_counts_as_the_replacement_character() =>
        Assert.Equal([1], Load(TokenizerFolder.Model("a\uFFFD")).Encode("\uD83D"));

    [Fact]
    public void Random_pieces_get_the_ids_of_the_textbook_algorithm()
    {
        string[] merges = ["a b", "b a", "ab a", "c c", "cc a", "b b", "aba b", "a cc", "ba ba", "cca cca", "ab ab", "bb ab"];
        JsonObject model = TokenizerFolder.Model("abcd", merges);
        Dictionary<string, int> vocabulary = model["vocab"]!.AsObject().ToDictionary(entry => entry.Key, entry => (int)entry.Value!);
        ITextTokenizer tokenizer = Load(model);
        var random = new Random(7);
        for (int i = 0; i < 500; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 300)).Select(_ => "abcd"[random.Next(4)]));
            Assert.Equal(Textbook(text, merges).Select(token => vocabulary[token]), tokenizer.Encode(text));
        }
    }

    [Fact]
    public void Twice_the_text_takes_about_twice_the_memory_even_as_one_run()
    {
        ITextTokenizer tokenizer = Load(TokenizerFolder.Model("a", "a a", "aa aa"));
        long Allocated(int length)
        {
            string text = new('a', length);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(length / 4, tokenizer.Encode(text).Length);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(4); // compiles
        Assert.InRange(Allocated(800_000) / (double)Allocated(400_000), 1, 2.5);
    }

    private static ITextTokenizer Load(JsonObject model) => TokenizerFolder.Load(new JsonObject { ["model"] = model });

    // Join the best pair wherever it stands, from the left, until there is none.
    private static List<string> Textbook(string text, string[] merges)
    {
        List<string> symbols = [.. text.Select(c => c.ToString())];
        while (true)
        {
            var best = Enumerable.Range(0, symbols.Count - 1)
                .Select(at => (Rank: Array.IndexOf(merges, $"{symbols[at]} {symbols[at + 1]}"), At: at))
                .Where(pair => pair.Rank >= 0).DefaultIfEmpty((Rank: -1, At: -1)).MinBy(pair => (pair.Rank, pair.At));
            if (best.At < 0)
            {
                return symbols;
            }

            symbols[best.At] += symbols[best.At + 1];
            symbols.RemoveAt(best.At + 1);
        }
    }
}
