using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace OneComp.Tests.PesterAdapter;

/// <summary>What the operators of Should ask, by the rules of Pester 5 and with PowerShell's own comparisons.</summary>
internal static class ShouldOperators
{
    /// <summary>Operators that see all that came down the pipeline as one value.</summary>
    public static IReadOnlyDictionary<string, Func<IList, object?, bool>> OnAll { get; } = new Dictionary<string, Func<IList, object?, bool>>
    {
        ["Be"] = (actual, expected) => AreEqual(actual, expected, ignoreCase: true),
        ["BeExactly"] = (actual, expected) => AreEqual(actual, expected, ignoreCase: false),
        ["BeNullOrEmpty"] = (actual, _) => IsNullOrEmpty(actual),
        ["Contain"] = (actual, expected) => actual.Cast<object?>().Any(item => AreSame(item, expected)),
        ["HaveCount"] = (actual, expected) => actual.Count == LanguagePrimitives.ConvertTo<int>(expected),
    };

    /// <summary>Operators that ask each value by itself.</summary>
    public static IReadOnlyDictionary<string, Func<object?, object?, bool>> OnEach { get; } = new Dictionary<string, Func<object?, object?, bool>>
    {
        ["BeTrue"] = (actual, _) => LanguagePrimitives.IsTrue(actual),
        ["BeFalse"] = (actual, _) => !LanguagePrimitives.IsTrue(actual),
        ["BeGreaterThan"] = (actual, expected) => Compare(actual, expected) > 0,
        ["BeGreaterOrEqual"] = (actual, expected) => Compare(actual, expected) >= 0,
        ["BeLessThan"] = (actual, expected) => Compare(actual, expected) < 0,
        ["BeLessOrEqual"] = (actual, expected) => Compare(actual, expected) <= 0,
        ["BeOfType"] = (actual, expected) => ToType(expected).IsInstanceOfType(Unwrap(actual)),
        ["BeIn"] = (actual, expected) => ToList(expected).Cast<object?>().Any(item => AreSame(item, actual)),
        ["BeLike"] = (actual, expected) => WildcardPattern.Get($"{expected}", WildcardOptions.IgnoreCase).IsMatch($"{actual}"),
        ["Match"] = (actual, expected) => Regex.IsMatch($"{actual}", $"{expected}", RegexOptions.IgnoreCase),
    };

    private static bool AreEqual(object? first, object? second, bool ignoreCase)
    {
        var (one, other) = (ToList(first), ToList(second));
        if (IsNothing(one) || IsNothing(other))
        {
            return IsNothing(one) && IsNothing(other);
        }

        return one.Count == other.Count && Enumerable.Range(0, one.Count).All(i => Unwrap(one[i]) is IList || Unwrap(other[i]) is IList
            ? AreEqual(one[i], other[i], ignoreCase)
            : AreSame(one[i], other[i], ignoreCase));
    }

    private static bool AreSame(object? first, object? second, bool ignoreCase = true) =>
        LanguagePrimitives.Equals(first, second, ignoreCase, CultureInfo.InvariantCulture);

    private static int Compare(object? first, object? second) =>
        LanguagePrimitives.Compare(first, second, ignoreCase: true, CultureInfo.InvariantCulture);

    private static bool IsNothing(IList list) => list.Count == 0 || (list.Count == 1 && list[0] is null);

    private static bool IsNullOrEmpty(IList actual) => IsNothing(actual) || (actual.Count == 1 && Unwrap(actual[0]) switch
    {
        string text => text.Length == 0,
        ICollection collection => collection.Count == 0,
        _ => false,
    });

    private static Type ToType(object? expected) => Unwrap(expected) switch
    {
        Type type => type,
        string name => LanguagePrimitives.ConvertTo<Type>(name.Trim('[', ']')),
        _ => throw new PSArgumentException("BeOfType needs a type."),
    };

    private static IList ToList(object? value) => Unwrap(value) as IList ?? new[] { value };

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
