using OneComp.Calibration;
using OneComp.Errors;
using OneComp.Tests.Support;

namespace OneComp.Tests.Calibration;

public sealed class CalibrationDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WordTokenizer _tokenizer = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Concat_chunk_align_cuts_the_number_asked_for_from_the_start()
    {
        var path = _folder.WriteJsonLines(
            "a.jsonl", WordTokenizer.Words(1, 3), "  " + WordTokenizer.Words(4, 2) + "\n", WordTokenizer.Words(6, 9));

        var windows = Load(path, CalibrationStrategy.ConcatChunkAlign, samples: 2, length: 4);

        Assert.Equal([WordTokenizer.Bos, 1, 2, 3, 4, 5, 6, 7], windows.Ids);
        Assert.Equal((2, 4), (windows.Count, windows.Length));
    }

    [Fact]
    public void Concat_chunk_cuts_every_whole_window()
    {
        var path = _folder.WriteJsonLines("a.jsonl", WordTokenizer.Words(1, 3), WordTokenizer.Words(4, 11));

        var windows = Load(path, CalibrationStrategy.ConcatChunk, samples: 2, length: 4);

        Assert.Equal([WordTokenizer.Bos, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], windows.Ids); // 15 ids: three windows, three ids lost
    }

    [Theory]
    [InlineData(CalibrationStrategy.ConcatChunk)]
    [InlineData(CalibrationStrategy.ConcatChunkAlign)]
    public void Concat_strategies_encode_the_documents_joined_by_a_blank_line(CalibrationStrategy strategy)
    {
        var path = _folder.WriteJsonLines("a.jsonl", " w1 w2\n", "", "\tw3");

        Load(path, strategy, samples: 1, length: 4);

        Assert.Equal(["w1 w2\n\nw3"], _tokenizer.Seen);
    }

    [Fact]
    public void Concat_chunk_uses_the_first_ten_thousand_documents()
    {
        var path = _folder.WriteJsonLines("a.jsonl", [.. Enumerable.Range(1, 10_050).Select(id => $"w{id}")]);

        var windows = Load(path, CalibrationStrategy.ConcatChunk, samples: 1, length: 10);

        Assert.Equal(1000, windows.Count); // BOS and 10,000 ids
        Assert.Equal(9999, windows.MaxId);
    }

    [Fact]
    public void Concat_chunk_align_stops_reading_when_it_has_enough()
    {
        var documents = Enumerable.Range(0, 200).Select(n => $"{{\"text\":\"{WordTokenizer.Words((n * 50) + 1, 50)}\"}}");
        var path = _folder.WriteText("a.jsonl", string.Join('\n', documents) + "\nnot JSON: reading this far fails");

        var windows = Load(path, CalibrationStrategy.ConcatChunkAlign, samples: 4, length: 50);

        Assert.Equal(Enumerable.Range(0, 200), windows.Ids);
    }

    [Fact]
    public void Ids_of_a_prefix_are_those_of_the_whole_text()
    {
        var path = _folder.WriteText("a.txt", WordTokenizer.Words(1, 5000)); // 5 to 6 characters a token: more than one pass

        var windows = Load(path, CalibrationStrategy.ConcatChunkAlign, samples: 8, length: 500);

        Assert.Equal(Enumerable.Range(0, 4000), windows.Ids);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)] // without a margin, 6 characters a token would end inside the 9th word, "w10008"
    [InlineData(11)]
    public void A_cut_inside_a_word_does_not_change_the_ids(int length)
    {
        var path = _folder.WriteText("a.txt", WordTokenizer.Words(10_000, 500));

        var windows = Load(path, CalibrationStrategy.DropHead, samples: 1, length);

        Assert.Equal([WordTokenizer.Bos, .. Enumerable.Range(10_000, length - 1)], windows.Ids);
    }

    [Fact]
    public void A_long_document_is_not_encoded_whole_for_its_head()
    {
        var path = _folder.WriteText("a.txt", WordTokenizer.Words(1, 20_000));

        var windows = Load(path, CalibrationStrategy.DropHead, samples: 1, length: 10);

        Assert.Equal(Enumerable.Range(0, 10), windows.Ids);
        Assert.All(_tokenizer.Seen, text => Assert.InRange(text.Length, 1, 2000));
    }

    [Fact]
    public void Drop_head_takes_the_start_of_each_long_enough_document()
    {
        var path = _folder.WriteJsonLines(
            "a.jsonl", WordTokenizer.Words(10, 2), WordTokenizer.Words(20, 3), WordTokenizer.Words(30, 9), WordTokenizer.Words(40, 9));

        var windows = Load(path, CalibrationStrategy.DropHead, samples: 2, length: 4);

        Assert.Equal([WordTokenizer.Bos, 20, 21, 22, WordTokenizer.Bos, 30, 31, 32], windows.Ids); // a document of exactly 4 counts
    }

    [Theory]
    [InlineData(CalibrationStrategy.DropHead)]
    [InlineData(CalibrationStrategy.DropRand)]
    public void Drop_strategies_stop_reading_when_they_have_enough(CalibrationStrategy strategy)
    {
        var path = _folder.WriteText("a.jsonl", "{\"text\":\"w1 w2 w3\"}\n{\"text\":\"w4 w5 w6\"}\nnot JSON");

        Assert.Equal(2, Load(path, strategy, samples: 2, length: 3).Count);
    }

    [Fact]
    public void Drop_rand_takes_a_run_of_ids_from_each_document()
    {
        var path = _folder.WriteJsonLines("a.jsonl", [.. Enumerable.Range(1, 20).Select(n => WordTokenizer.Words(n * 1000, 400))]);

        var windows = Load(path, CalibrationStrategy.DropRand, samples: 20, length: 8);

        for (var n = 1; n < 20; n++)
        {
            var first = windows[n][1];
            Assert.InRange(first, (n + 1) * 1000, ((n + 1) * 1000) + 393);
            Assert.Equal(Enumerable.Range(first, 7), windows[n][1..].ToArray());
        }
    }

    [Fact]
    public void Drop_rand_reaches_the_first_and_the_last_place()
    {
        var path = _folder.WriteJsonLines("a.jsonl", [.. Enumerable.Repeat(WordTokenizer.Words(1, 4), 200)]); // 5 ids, 3 places

        var windows = Load(path, CalibrationStrategy.DropRand, samples: 200, length: 3);

        var starts = Enumerable.Range(0, 200).Select(n => windows[n][0]).ToHashSet();
        Assert.Equal([0, 1, 2], starts.Order());
    }

    [Fact]
    public void Drop_rand_repeats_with_its_seed_and_differs_with_another()
    {
        var path = _folder.WriteJsonLines("a.jsonl", [.. Enumerable.Repeat(WordTokenizer.Words(1, 500), 10)]);

        var windows = Load(path, CalibrationStrategy.DropRand, samples: 10, length: 5, seed: 7);

        Assert.Equal(windows.Ids, Load(path, CalibrationStrategy.DropRand, samples: 10, length: 5, seed: 7).Ids);
        Assert.NotEqual(windows.Ids, Load(path, CalibrationStrategy.DropRand, samples: 10, length: 5, seed: 8).Ids);
    }

    [Theory]
    [InlineData(CalibrationStrategy.ConcatChunk)]
    [InlineData(CalibrationStrategy.ConcatChunkAlign)]
    public void Too_little_text_says_how_much_there_is_and_is_needed(CalibrationStrategy strategy)
    {
        var path = _folder.WriteJsonLines("a.jsonl", WordTokenizer.Words(1, 8), WordTokenizer.Words(9, 2));

        var fault = Samples.Fails(CalibrationError.TooLittleText, () => Load(path, strategy, samples: 3, length: 4));

        Assert.Contains("gives 11 tokens (2 documents); 3 windows of 4 tokens need 12", fault.Message, StringComparison.Ordinal);
        Assert.Contains("lower NumSamples to 2 or less", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.InvalidData, fault.Kind);
        Assert.Equal(path, fault.Subject);
    }

    [Fact]
    public void Text_shorter_than_one_window_asks_for_a_smaller_max_length()
    {
        var path = _folder.WriteText("a.txt", WordTokenizer.Words(1, 8));

        var fault = Samples.Fails(
            CalibrationError.TooLittleText, () => Load(path, CalibrationStrategy.ConcatChunkAlign, samples: 1, length: 10));

        Assert.Contains("lower MaxLength to 9 or less", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CalibrationStrategy.DropHead)]
    [InlineData(CalibrationStrategy.DropRand)]
    public void Too_few_long_documents_are_counted(CalibrationStrategy strategy)
    {
        var path = _folder.WriteJsonLines("a.jsonl", "w1", WordTokenizer.Words(1, 5), "w2 w3");

        var fault = Samples.Fails(CalibrationError.TooFewLongDocuments, () => Load(path, strategy, samples: 2, length: 4));

        Assert.Contains("1 of the 3 documents", fault.Message, StringComparison.Ordinal);
        Assert.Contains("have 4 tokens or more", fault.Message, StringComparison.Ordinal);
        Assert.Contains("needs 2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_column_can_hold_the_text()
    {
        var path = _folder.WriteText("a.jsonl", "{\"content\":\"w1 w2 w3\"}");

        var windows = Load(new() { Path = path, TextColumn = "content", NumSamples = 1, MaxLength = 4 });

        Assert.Equal([WordTokenizer.Bos, 1, 2, 3], windows.Ids);
    }

    [Fact]
    public async Task Parquet_goes_the_same_way()
    {
        var path = await _folder.WriteParquetAsync("a.parquet", ["w1 w2"], ["w3"]);

        Assert.Equal([WordTokenizer.Bos, 1, 2, 3], Load(path, CalibrationStrategy.ConcatChunkAlign, samples: 2, length: 2).Ids);
    }

    [Fact]
    public void Loading_stops_when_cancelled()
    {
        var path = _folder.WriteText("a.txt", "w1 w2 w3");

        Assert.Throws<OperationCanceledException>(() =>
            CalibrationData.Load(
                new() { Path = path, NumSamples = 1, MaxLength = 2 }, () => _tokenizer, new CancellationToken(canceled: true)));
    }

    private TokenWindows Load(string path, CalibrationStrategy strategy, int samples, int length, int seed = 0) =>
        Load(new() { Path = path, NumSamples = samples, MaxLength = length, Strategy = strategy, Seed = seed });

    private TokenWindows Load(CalibrationOptions options) => CalibrationData.Load(options, () => _tokenizer);
}
