namespace OneComp.Tokenization.Reading;

/// <summary>Makes a tokenizer from tokenizer.model and what tokenizer_config.json says about begin and end of sequence.</summary>
internal static class SentencePieceReader
{
    public static ITextTokenizer Read(string path, string configPath)
    {
        SentencePieceFile file = SentencePieceFile.Read(path);
        var pieces = file.Pieces.Select((piece, id) => (piece.Text, piece.Score, piece.Type, Id: id)).ToList();
        Dictionary<string, int> normal = pieces.Where(piece => piece.Type is PieceType.Normal or PieceType.UserDefined)
            .ToDictionary(piece => piece.Text, piece => piece.Id, StringComparer.Ordinal);
        // SentencePiece joins by score; pieces of one score are of one rank.
        List<float> scores = [.. file.Pieces.Select(piece => piece.Score).Distinct().OrderDescending()];
        var ranks = scores.Select((score, rank) => (score, rank)).ToDictionary(pair => pair.score, pair => pair.rank);
        var bytes = pieces.Where(piece => piece.Type == PieceType.Byte).ToDictionary(piece => piece.Text, piece => piece.Id);
        var model = new ScoreBpeModel(normal, [.. file.Pieces.Select(piece => ranks[piece.Score])])
        {
            ByteIds = file.ByteFallback ? ByteFallback.Ids(bytes) : null,
            UnknownId = file.UnknownId,
            FuseUnknown = true,
        };
        return new TextPipeline
        {
            PlainTokens = new([], token => token.Content),
            Normalizer = Normalizer(file),
            // SentencePiece finds only user-defined pieces in text, spaces written as it writes them; "<s>" is plain text to it.
            NormalizedTokens = new(pieces.Where(piece => piece.Type == PieceType.UserDefined)
                .Select(piece => new AddedToken(piece.Id, piece.Text)), token => token.Content),
            PreTokenizer = (piece, output) => output.Add(piece),
            Model = model,
            Templates = [SequenceMarks.Read(configPath, file)],
            VocabularySize = pieces.Count,
        };
    }

    private static Func<string, string> Normalizer(SentencePieceFile file) => NormalizerReader.InTurn(
    [
        file.AddDummyPrefix ? NormalizerReader.Prepend(" ") : text => text,
        file.EscapeWhitespaces ? text => text.Replace(' ', '▁') : text => text,
    ], file.Path);
}
