using System.Text;

namespace OneComp.Calibration;

/// <summary>Reads lines of bounded length: a file without an end of line would otherwise have to fit in memory.</summary>
internal sealed class LineReader(StreamReader reader)
{
    private readonly char[] _buffer = new char[1 << 15];
    private readonly StringBuilder _line = new();
    private int _at, _count;

    /// <summary>The next line without its end (\n, \r or both); null after the last.</summary>
    /// <param name="mostCharacters">Characters that it may have.</param>
    /// <exception cref="InvalidDataException">It has more.</exception>
    public string? Read(int mostCharacters)
    {
        _line.Clear();
        while (Fill())
        {
            var rest = _buffer.AsSpan(_at, _count - _at);
            var end = rest.IndexOfAny('\r', '\n');
            _line.Append(end < 0 ? rest : rest[..end]);
            if (_line.Length > mostCharacters)
            {
                throw new InvalidDataException($"it has a line of over {mostCharacters} characters.");
            }

            _at += end < 0 ? rest.Length : end + 1;
            if (end >= 0)
            {
                if (rest[end] == '\r' && Fill() && _buffer[_at] == '\n')
                {
                    _at++;
                }

                return _line.ToString();
            }
        }

        return _line.Length > 0 ? _line.ToString() : null;
    }

    private bool Fill()
    {
        if (_at == _count)
        {
            (_at, _count) = (0, reader.Read(_buffer));
        }

        return _count > 0;
    }
}
