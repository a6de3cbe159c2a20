using Google.Protobuf;
using OneComp.Tests.Support;
using OneComp.Tokenization;
using static OneComp.Tests.Tokenization.ProtobufMessage;

namespace OneComp.Tests.Tokenization;

/// <summary>tokenizer.model and the settings beside it.</summary>
public class SentencePieceTests
{
    private const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5;

    private static readonly (string Text, float Score, int Type)[] Pieces =
    [
        ("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control),
        ("▁", -10, Normal), ("s", -11, Normal), ("t", -12, Normal),
        ("ss", -1, Normal), ("st", -1, Normal), ("▁s", -5, Normal), ("[t]", 0, UserDefined),
    ];

    [Theory]
    [InlineData(null, new[] { 1, 3, 5 })] // Llama's default
    [InlineData("""{"add_bos_token": false}""", new[] { 3, 5 })]
    [InlineData("""{"add_eos_token": true}""", new[] { 1, 3, 5, 2 })]
    [InlineData("""{"bos_token": "</s>"}""", new[] { 2, 3, 5 })]
    [InlineData("""{"bos_token": {"content": "</s>", "lstrip": false}}""", new[] { 2, 3, 5 })]
    [InlineData("""{"bos_token": null}""", new[] { 1, 3, 5 })]
    public void Begin_and_end_of_sequence_follow_tokenizer_config(string? config, int[] ids) =>
        Assert.Equal(ids, Load(Proto(Pieces), config).Encode("t"));

    [Fact]
    public void An_empty_text_is_the_begin_of_sequence() => Assert.Equal([1], Load(Proto(Pieces)).Encode(""));

    [Fact]
    public void Special_tokens_are_left_out_when_they_are_not_wanted() =>
        Assert.Equal([3, 5], Load(Proto(Pieces)).Encode("t", addSpecialTokens: false));

    [Fact]
    public void Of_equal_scores_the_leftmost_pair_is_joined_first() => // ▁ ss s, then ▁ ss st: SentencePiece's rule
        Assert.Equal([3, 6, 4, 3, 6, 7], Load(Proto(Pieces)).Encode("sss ssst", addSpecialTokens: false));

    [Fact]
    public void User_defined_pieces_are_found_in_text_and_control_pieces_are_not() =>
        Assert.Equal([3, 9, 0, 4, 0], Load(Proto(Pieces)).Encode("[t]<s>", addSpecialTokens: false));

    [Fact]
    public void A_run_of_unknown_characters_is_one_unknown_piece() =>
        Assert.Equal([3, 0, 5], Load(Proto(Pieces)).Encode("xyzt", addSpecialTokens: false));

    [Fact]
    public void The_size_of_the_vocabulary_is_the_number_of_pieces() => Assert.Equal(Pieces.Length, Load(Proto(Pieces)).VocabularySize);

    [Fact]
    public void Without_dummy_prefix_no_space_is_put_first() =>
        Assert.Equal([4, 3], Load(Proto(Pieces, dummyPrefix: false)).Encode("s ", addSpecialTokens: false));

    [Fact]
    public void A_model_with_unused_pieces_is_refused() =>
        Check(Proto([.. Pieces, ("u", 0, Unused)]), TokenizerError.UnsupportedSetting, "unused pieces");

    [Fact]
    public void A_unigram_model_is_refused() => Check(Proto(Pieces, modelType: 1), TokenizerError.UnknownModelType, "model type 1");

    [Fact]
    public void A_model_that_maps_characters_is_refused() =>
        Check(Proto(Pieces, charsMap: true), TokenizerError.UnsupportedSetting, "precompiled_charsmap");

    [Fact]
    public void A_model_that_removes_white_space_is_refused() =>
        Check(Proto(Pieces, removeWhitespace: true), TokenizerError.UnsupportedSetting, "remove_extra_whitespaces");

    [Fact]
    public void A_piece_that_is_there_twice_is_refused() =>
        Check(Proto([.. Pieces, ("s", 0, Normal)]), TokenizerError.InvalidVocabulary, "the piece 's' twice");

    [Fact]
    public void An_unknown_piece_outside_the_vocabulary_is_refused() =>
        Check(Proto(Pieces, unknownId: 99), TokenizerError.InvalidVocabulary, "99");

    [Fact]
    public void A_begin_of_sequence_that_is_no_piece_is_refused() => Check(
        Proto(Pieces), TokenizerError.InvalidVocabulary, "no piece '<bos>'", """{"bos_token": "<bos>"}""");

    [Fact]
    public void A_file_cut_short_is_refused() => Check(Proto(Pieces)[..^3], TokenizerError.MalformedModelFile, "cut short");

    [Fact]
    public void An_empty_file_is_refused() => Check([], TokenizerError.MalformedModelFile, "holds no pieces");

    private static void Check(byte[] model, TokenizerError expected, string message, string? config = null)
    {
        TokenizerException error = Assert.Throws<TokenizerException>(() => Load(model, config));
        Assert.Equal(expected, error.Error);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal("tokenizer.model", Path.GetFileName(error.Subject));
    }

    private static ITextTokenizer Load(byte[] model, string? config = null)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("tokenizer.model"), model);
        if (config is not null)
        {
            File.WriteAllText(folder.File("tokenizer_config.json"), config);
        }

        return TokenizerLoader.Load(folder.Path);
    }

    private static byte[] Proto(
        (string Text, float Score, int Type)[] pieces, int modelType = 2, int unknownId = 0,
        bool charsMap = false, bool removeWhitespace = false, bool dummyPrefix = true) => Message(model =>
    {
        foreach ((string text, float score, int type) in pieces)
        {
            Nested(model, 1, piece =>
            {
                piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                piece.WriteString(text);
                piece.WriteTag(2, WireFormat.WireType.Fixed32);
                piece.WriteFloat(score);
                Number(piece, 3, type);
            });
        }

        Nested(model, 2, trainer =>
        {
            Number(trainer, 3, modelType);
            Number(trainer, 4, 8000); // vocab_size, which the reader skips
            Number(trainer, 40, unknownId);
        });
        Nested(model, 3, normalizer =>
        {
            normalizer.WriteTag(2, WireFormat.WireType.LengthDelimited);
            normalizer.WriteBytes(ByteString.CopyFrom(charsMap ? [1] : []));
            Number(normalizer, 3, dummyPrefix ? 1 : 0);
            Number(normalizer, 4, removeWhitespace ? 1 : 0);
        });
    });
}
