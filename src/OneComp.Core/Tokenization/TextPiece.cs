namespace OneComp.Tokenization;

/// <summary>A part of the text on its way to the model.</summary>
/// <param name="Text">What it says, as far as it is normalized.</param>
/// <param name="AtStart">Whether the whole text begins with it.</param>
internal readonly record struct TextPiece(string Text, bool AtStart);

/// <summary>Cuts a piece into smaller ones, which may read differently; empty ones are left out.</summary>
internal delegate void PreTokenizer(TextPiece piece, List<TextPiece> pieces);
