using System.Globalization;
using OneComp.Quantization.Settings;

namespace OneComp.Quantizers;

/// <summary>
/// Looks at the text of a data file before PowerShell's parser does. Parsing alone can load modules (<c>configuration</c>, <c>using</c>) and takes memory out
/// of proportion where brackets are nested deep, so only what settings are written with goes to it: tables, lists, texts, numbers and names of settings.
/// </summary>
internal sealed class DataFileText
{
    private const int MaxDepth = 32;
    // The parser takes time by the square of faults: of names that come again, and of values without a comma between.
    private const int MostNames = 2000;
    private const int MostValues = 8000;
    private readonly string _text;
    private readonly string _path;
    private readonly Stack<char> _open = [];
    private int _at;
    private int _names;
    private int _values;

    private DataFileText(string text, string path) => (_text, _path) = (text, path);

    /// <summary>Looks at a text.</summary>
    /// <exception cref="QuantizerSettingsException">NotData: names line and column.</exception>
    public static void Require(string text, string path) => new DataFileText(text, path).Require();

    private void Require()
    {
        while (_at < _text.Length)
        {
            var character = _text[_at];
            _names += character == '=' ? 1 : 0;
            _values += char.IsWhiteSpace(character) || character is ',' or ';' or '=' ? 0 : 1;
            Check(_names <= MostNames && _values <= MostValues, _at, $"there are over {MostNames} settings or {MostValues} values");
            if (char.IsWhiteSpace(character) || character is ',' or ';' or '=' or '.' or '+' or '-' or '\uFEFF')
            {
                _at++;
            }
            else if (IsSingle(character) || IsDouble(character))
            {
                PassText(_at, isSingle: IsSingle(character));
            }
            else if (character == '#')
            {
                PassUntil("\n");
            }
            else if (character == '<' && Peek(1) == '#')
            {
                PassUntil("#>");
            }
            else if (character == '@')
            {
                PassAt();
            }
            else if (character is '}' or ')')
            {
                Close(character == '}' ? '{' : '(');
            }
            else if (char.IsAsciiDigit(character))
            {
                PassWord(_at);
            }
            else
            {
                PassName(character);
            }
        }
    }

    // $true, $false, $null, and names of settings, which = comes after.
    private void PassName(char first)
    {
        var start = _at;
        PassWord(_at + (first == '$' ? 1 : 0));
        var word = _text[start.._at];
        if (first == '$')
        {
            Check(word.ToUpperInvariant() is "$TRUE" or "$FALSE" or "$NULL", start, $"{word} is a variable or would have to run");
            // Run together, such words are read anew from each on, by the parser and by its message.
            Check(Peek(0) is '\0' or ',' or ';' or '}' or ')' or '#' || char.IsWhiteSpace(Peek(0)), _at, $"{word} is followed by {Peek(0)}, not by a comma or the end of the line");
            return;
        }

        var next = _at;
        while (next < _text.Length && _text[next] is ' ' or '\t')
        {
            next++;
        }

        Check(word.Length > 0 && next < _text.Length && _text[next] == '=', start, $"{(word.Length > 0 ? word : first)} is no plain value and would have to run");
    }

    private void PassWord(int from)
    {
        for (_at = from; _at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '.' or '-'); _at++)
        {
        }
    }

    private void PassAt()
    {
        switch (Peek(1))
        {
            case '{' or '(':
                Check(_open.Count < MaxDepth, _at, "tables and lists are nested too deep");
                _open.Push(_text[_at + 1]);
                _at += 2;
                break;
            case var quote when IsSingle(quote) || IsDouble(quote):
                PassBlock(_at, IsSingle(quote));
                break;
            default:
                throw Fault(_at, "@ stands for no table and no list");
        }
    }

    private void Close(char opening)
    {
        Check(_open.TryPop(out var open) && open == opening, _at, "a bracket is closed that was not opened");
        _at++;
    }

    private void PassText(int start, bool isSingle)
    {
        for (_at++; _at < _text.Length; _at++)
        {
            var character = _text[_at];
            if (isSingle ? IsSingle(character) : IsDouble(character))
            {
                if (_at + 1 >= _text.Length || !(isSingle ? IsSingle(_text[_at + 1]) : IsDouble(_text[_at + 1])))
                {
                    _at++;
                    return;
                }

                _at++; // a quote that is doubled is one of the text
            }
            else if (!isSingle)
            {
                PassEscape(character);
            }
        }

        throw Fault(start, "a text is opened and never closed");
    }

    // @' to '@ and @" to "@, each end at the beginning of a line.
    private void PassBlock(int start, bool isSingle)
    {
        for (_at += 2; _at < _text.Length; _at++)
        {
            var character = _text[_at];
            if ((isSingle ? IsSingle(character) : IsDouble(character)) && Peek(1) == '@' && _text[_at - 1] is '\n' or '\r')
            {
                _at += 2;
                return;
            }

            if (!isSingle)
            {
                PassEscape(character);
            }
        }

        throw Fault(start, "a text is opened and never closed");
    }

    private void PassEscape(char character)
    {
        Check(character != '$', _at, "a text in double quotes has a $, which would have to run; use single quotes");
        _at += character == '`' ? 1 : 0;
    }

    private void PassUntil(string end)
    {
        var found = _text.IndexOf(end, _at, StringComparison.Ordinal);
        _at = found < 0 ? _text.Length : found + end.Length;
    }

    private char Peek(int ahead) => _at + ahead < _text.Length ? _text[_at + ahead] : '\0';

    // PowerShell takes typographic quotes for plain ones.
    private static bool IsSingle(char character) => character is '\'' or (>= '\u2018' and <= '\u201B');

    private static bool IsDouble(char character) => character is '"' or (>= '\u201C' and <= '\u201E');

    private void Check(bool isData, int at, string message)
    {
        if (!isData)
        {
            throw Fault(at, message);
        }
    }

    private QuantizerSettingsException Fault(int at, string message)
    {
        var before = _text.AsSpan(0, at);
        var line = before.Count('\n') + 1;
        return QuantizerFile.NotData(_path, string.Create(CultureInfo.InvariantCulture, $"line {line}, column {at - before.LastIndexOf('\n')}: {message}"));
    }
}
