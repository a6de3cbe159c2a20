using System.Globalization;

namespace OneComp.Quantization;

/// <summary>Gathers what is wrong with a quantizer's settings, so that a user sees all of it at once.</summary>
internal sealed class FaultList
{
    private readonly List<(string Parameter, string Message)> _faults = [];

    public void Add(string parameter, string message) => _faults.Add((parameter, message));

    public void Range<T>(string parameter, T value, T low, T high)
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(low) < 0 || value.CompareTo(high) > 0)
        {
            Add(parameter, string.Create(CultureInfo.InvariantCulture, $"{value} is not in {low}..{high}"));
        }
    }

    /// <summary>A group size: -1 for a whole row, or at least 8 weights.</summary>
    public void GroupSize(string parameter, int value)
    {
        if (value is not -1 and (< 8 or > 65536))
        {
            Add(parameter, string.Create(CultureInfo.InvariantCulture, $"{value} is neither -1 (a scale per row) nor in 8..65536"));
        }
    }

    public void ThrowIfAny(string method)
    {
        if (_faults.Count > 0)
        {
            throw new QuantizerOptionsException(method, _faults);
        }
    }
}
