using System.Text;

namespace OneComp.Calibration;

/// <summary>Documents, trimmed and joined by a blank line, as one text that is built no further than asked for.</summary>
internal sealed class JoinedText(IEnumerator<string> documents)
{
    /// <summary>The most a .NET string can hold, less a little.</summary>
    public const int MaxChars = (1 << 30) - 64;

    private const string Separator = "\n\n";

    private readonly StringBuilder _text = new();
    private ReadOnlyMemory<char> _rest; // what is still to come of the document that was begun

    /// <summary>Documents begun so far.</summary>
    public int Documents { get; private set; }

    /// <summary>Takes text until there are that many characters.</summary>
    /// <returns>False where the documents ended first.</returns>
    public bool Fill(int chars)
    {
        while (_text.Length < chars)
        {
            if (_rest.IsEmpty && !Begin())
            {
                return false;
            }

            var piece = _rest[..Math.Min(_rest.Length, chars - _text.Length)];
            _text.Append(piece.Span);
            _rest = _rest[piece.Length..];
        }

        return true;
    }

    /// <summary>The text so far.</summary>
    public override string ToString() => _text.ToString();

    private bool Begin()
    {
        if (!documents.MoveNext())
        {
            return false;
        }

        _rest = documents.Current.AsMemory().Trim();
        if (Documents++ > 0)
        {
            _text.Append(Separator);
        }

        return true;
    }
}
