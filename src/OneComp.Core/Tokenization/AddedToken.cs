namespace OneComp.Tokenization;

/// <summary>A token that is found in the text itself, before the model sees it.</summary>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Not inside a word: no word character may touch it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Takes the white space before it.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Takes the white space after it.</summary>
    public bool StripRight { get; init; }

    /// <summary>Looked for in the normalized text, in normalized form; otherwise in the text as given.</summary>
    public bool Normalized { get; init; }
}
