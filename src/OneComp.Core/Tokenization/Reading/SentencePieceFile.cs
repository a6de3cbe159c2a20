using Google.Protobuf;
using OneComp.Safetensors;

namespace OneComp.Tokenization.Reading;

/// <summary>
/// The part of a tokenizer.model that encoding needs. The format is sentencepiece_model.proto (google/sentencepiece); the
/// numbers below are its field numbers, the initial values its defaults.
/// </summary>
internal sealed class SentencePieceFile
{
    private const int Bpe = 2;

    private int _modelType = 1;
    private bool _whitespaceAsSuffix;
    private bool _removesWhitespace = true;
    private bool _mapsCharacters;

    private SentencePieceFile(string path) => Path = path;

    public string Path { get; }

    /// <summary>The pieces; the index is the id.</summary>
    public List<(string Text, float Score, PieceType Type)> Pieces { get; } = [];

    public bool ByteFallback { get; private set; }

    public int UnknownId { get; private set; }

    public int BeginId { get; private set; } = 1;

    public int EndId { get; private set; } = 2;

    /// <summary>Puts a space before the text.</summary>
    public bool AddDummyPrefix { get; private set; } = true;

    /// <summary>Writes spaces as U+2581.</summary>
    public bool EscapeWhitespaces { get; private set; } = true;

    public static SentencePieceFile Read(string path)
    {
        var file = new SentencePieceFile(path);
        byte[] bytes = TokenizerFile.ReadBytes(path);
        try
        {
            file.ReadModel(new CodedInputStream(bytes));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new TokenizerException(TokenizerError.MalformedModelFile, path,
                $"'{path}' is not a SentencePiece model: {e.Message} Download the file again if it was cut short.", e);
        }

        file.Check();
        return file;
    }

    private void ReadModel(CodedInputStream input) => ReadFields(input, field =>
    {
        switch (field)
        {
            case 1: ReadPiece(Nested(input)); break;
            case 2: ReadTrainer(Nested(input)); break;
            case 3: ReadNormalizer(Nested(input)); break;
            default: return false;
        }

        return true;
    });

    private void ReadPiece(CodedInputStream input)
    {
        (string text, float score, PieceType type) = ("", 0f, PieceType.Normal);
        ReadFields(input, field =>
        {
            switch (field)
            {
                case 1: text = input.ReadString(); break;
                case 2: score = input.ReadFloat(); break;
                case 3: type = (PieceType)input.ReadEnum(); break;
                default: return false;
            }

            return true;
        });
        Pieces.Add((text, score, type));
    }

    private void ReadTrainer(CodedInputStream input) => ReadFields(input, field =>
    {
        switch (field)
        {
            case 3: _modelType = input.ReadEnum(); break;
            case 24: _whitespaceAsSuffix = input.ReadBool(); break;
            case 35: ByteFallback = input.ReadBool(); break;
            case 40: UnknownId = input.ReadInt32(); break;
            case 41: BeginId = input.ReadInt32(); break;
            case 42: EndId = input.ReadInt32(); break;
            default: return false;
        }

        return true;
    });

    private void ReadNormalizer(CodedInputStream input) => ReadFields(input, field =>
    {
        switch (field)
        {
            case 2: _mapsCharacters = !input.ReadBytes().IsEmpty; break;
            case 3: AddDummyPrefix = input.ReadBool(); break;
            case 4: _removesWhitespace = input.ReadBool(); break;
            case 5: EscapeWhitespaces = input.ReadBool(); break;
            default: return false;
        }

        return true;
    });

    private static void ReadFields(CodedInputStream input, Func<int, bool> read)
    {
        while (input.ReadTag() is uint tag and not 0)
        {
            if (!read(WireFormat.GetTagFieldNumber(tag)))
            {
                input.SkipLastField();
            }
        }
    }

    private static CodedInputStream Nested(CodedInputStream input) => input.ReadBytes().CreateCodedInput();

    private void Check()
    {
        if (Pieces.Count == 0)
        {
            throw new TokenizerException(TokenizerError.MalformedModelFile, Path,
                $"'{Path}' is not a SentencePiece model: it holds no pieces.");
        }

        if (Pieces.Count > TokenizerLimits.MostIds || !Pieces.Exists(piece => piece.Type is PieceType.Normal or PieceType.UserDefined))
        {
            throw new TokenizerException(TokenizerError.InvalidVocabulary, Path,
                $"'{Path}' has {Pieces.Count} pieces; at most {TokenizerLimits.MostIds} are handled, and one must stand for text.");
        }

        Require(_modelType == Bpe, $"is of model type {_modelType} (1 is unigram, 3 word, 4 char); known is 2, BPE");
        Require(!_mapsCharacters, "maps characters before it cuts (precompiled_charsmap)");
        Require(!_removesWhitespace, "removes white space (remove_extra_whitespaces)");
        Require(!_whitespaceAsSuffix, "puts white space after words (treat_whitespace_as_suffix)");
        Require(Pieces.TrueForAll(piece => piece.Type != PieceType.Unused), "has unused pieces");
        if (Pieces.GroupBy(piece => piece.Text, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            throw new TokenizerException(TokenizerError.InvalidVocabulary, Path, $"'{Path}' has the piece {Quoted.Text(twice.Key)} twice.");
        }

        if (UnknownId < 0 || UnknownId >= Pieces.Count)
        {
            throw new TokenizerException(TokenizerError.InvalidVocabulary, Path,
                $"'{Path}' says that the unknown piece is {UnknownId}, but it has {Pieces.Count} pieces.");
        }
    }

    private void Require(bool handled, string what)
    {
        if (!handled)
        {
            TokenizerError error = _modelType == Bpe ? TokenizerError.UnsupportedSetting : TokenizerError.UnknownModelType;
            throw new TokenizerException(error, Path,
                $"'{Path}' {what}, which is not handled. Put the model's tokenizer.json into the folder instead.");
        }
    }
}
