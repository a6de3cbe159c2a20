using OneComp.Errors;

namespace OneComp.Calibration;

/// <summary>
/// Takes a batch in pieces as large as memory allows: where it runs out, in halves from then on, down to a window at a time.
/// </summary>
internal static class BatchPieces
{
    /// <summary>Takes rows of a batch.</summary>
    /// <param name="states">Knows how many rows its device takes at once, and learns it here.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">Rows in it.</param>
    /// <param name="work">
    /// Gets the first row, the number of rows, and what was already summed up of them: work that ran out of memory is done again in parts, and what
    /// it had added to sums must not be added twice.
    /// </param>
    public static void Each(HiddenStates states, int batch, int rows, Action<int, int, Summed> work)
    {
        Take(0, rows, new Summed());

        void Take(int start, int count, Summed before)
        {
            var most = states.Places.RowsAtOnce(batch);
            if (count > most)
            {
                for (var first = start; first < start + count; first += most)
                {
                    Take(first, Math.Min(most, start + count - first), before);
                }

                return;
            }

            var summed = new Summed(before);
            try
            {
                states.BeforePiece?.Invoke(count);
                work(start, count, summed);
            }
            catch (Exception exception) when (count > 1 && Outcome.IsOutOfMemory(exception))
            {
                states.Places.TakeAtOnce(batch, (count + 1) / 2);
                Take(start, count, summed);
            }
        }
    }

    /// <summary>The sums that rows are part of, by name.</summary>
    internal sealed class Summed
    {
        private readonly HashSet<string> _names;

        public Summed(Summed? before = null) => _names = before is null ? [] : [.. before._names];

        /// <summary>Adds rows to a sum, once.</summary>
        public void Once(string sum, Action add)
        {
            if (!_names.Contains(sum))
            {
                add();
                _names.Add(sum);
            }
        }
    }
}
