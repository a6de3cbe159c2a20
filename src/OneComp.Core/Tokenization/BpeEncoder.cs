using System.Runtime.InteropServices;
using System.Text;

namespace OneComp.Tokenization;

/// <summary>Joins the symbols of pieces; holds what one call of Encode can reuse, so it belongs to one thread.</summary>
internal sealed class BpeEncoder
{
    // Longer pieces seldom come twice.
    private const int LongestRemembered = 64;

    private readonly BpeModel _model;
    private readonly Dictionary<string, int[]> _known = new(StringComparer.Ordinal);
    private readonly PriorityQueue<int, long> _merges = new(); // position of the left symbol, by rank and then position
    private Symbol[] _symbols = new Symbol[LongestRemembered];

    public BpeEncoder(BpeModel model) => _model = model;

    /// <summary>Adds the ids of one piece to <paramref name="ids"/>.</summary>
    public void Encode(string piece, List<int> ids)
    {
        if (_known.TryGetValue(piece, out int[]? known))
        {
            ids.AddRange(known);
            return;
        }

        int before = ids.Count;
        if (_model.IgnoreMerges && _model.TryGetId(piece, out int whole))
        {
            ids.Add(whole);
        }
        else
        {
            Cut(piece);
            Merge(piece);
            Emit(piece, ids);
        }

        if (piece.Length <= LongestRemembered)
        {
            _known.Add(piece, CollectionsMarshal.AsSpan(ids)[before..].ToArray());
        }
    }

    // One symbol a character.
    private void Cut(string piece)
    {
        if (_symbols.Length < piece.Length)
        {
            _symbols = new Symbol[piece.Length];
        }

        int count = 0;
        for (int start = 0; start < piece.Length;)
        {
            int length = char.IsSurrogatePair(piece, start) ? 2 : 1;
            int id = _model.TryGetId(piece.AsSpan(start, length), out int found) ? found : BpeModel.UnknownSymbol;
            int next = start + length < piece.Length ? count + 1 : -1;
            _symbols[count] = new() { Id = id, Start = start, Length = length, Previous = count - 1, Next = next };
            start += length;
            count++;
        }
    }

    private void Merge(string piece)
    {
        for (int left = 0; left >= 0; left = _symbols[left].Next)
        {
            Offer(piece, left);
        }

        while (_merges.TryDequeue(out int at, out long priority))
        {
            ref Symbol left = ref _symbols[at];
            // The queue keeps offers whose symbols have since been joined with others.
            if (left.Length == 0 || left.Next < 0 || !TryMerge(piece, at, out int rank, out int id) || Priority(rank, at) != priority)
            {
                continue;
            }

            ref Symbol right = ref _symbols[left.Next];
            left.Id = id;
            left.Length += right.Length;
            right.Length = 0;
            left.Next = right.Next;
            if (left.Next >= 0)
            {
                _symbols[left.Next].Previous = at;
                Offer(piece, at);
            }

            if (left.Previous >= 0)
            {
                Offer(piece, left.Previous);
            }
        }
    }

    private void Offer(string piece, int left)
    {
        if (_symbols[left].Next >= 0 && TryMerge(piece, left, out int rank, out _))
        {
            _merges.Enqueue(left, Priority(rank, left));
        }
    }

    private bool TryMerge(string piece, int at, out int rank, out int id)
    {
        ref Symbol left = ref _symbols[at];
        ref Symbol right = ref _symbols[left.Next];
        return _model.TryMerge(left.Id, right.Id, piece.AsSpan(left.Start, left.Length + right.Length), out rank, out id);
    }

    private static long Priority(int rank, int position) => ((long)rank << 32) | (uint)position;

    private void Emit(string piece, List<int> ids)
    {
        Span<byte> utf8 = stackalloc byte[4];
        bool afterUnknown = false;
        for (int at = 0; at >= 0; at = _symbols[at].Next)
        {
            Symbol symbol = _symbols[at];
            if (symbol.Id != BpeModel.UnknownSymbol)
            {
                ids.Add(symbol.Id);
                afterUnknown = false;
            }
            else if (_model.ByteIds is { } byteIds)
            {
                int count = Encoding.UTF8.GetBytes(piece.AsSpan(symbol.Start, symbol.Length), utf8);
                for (int i = 0; i < count; i++)
                {
                    ids.Add(byteIds[utf8[i]]);
                }

                afterUnknown = false;
            }
            else if (_model.UnknownId is int unknown)
            {
                if (!(afterUnknown && _model.FuseUnknown))
                {
                    ids.Add(unknown);
                }

                afterUnknown = true;
            }
        }
    }

    private struct Symbol
    {
        public int Id;
        public int Start;
        public int Length; // 0: joined into the symbol before it
        public int Previous;
        public int Next; // -1 at the end
    }
}
