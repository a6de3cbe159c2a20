using System.Globalization;

namespace OneComp.Benchmarks.Kernels;

/// <summary>One comparison.</summary>
/// <param name="Name">What was compared.</param>
/// <param name="Differing">Share of values that differ, or relative difference.</param>
/// <param name="Allowed">The most of it.</param>
internal sealed record KernelCheck(string Name, double Differing, double Allowed)
{
    public bool Passed => Differing <= Allowed;

    /// <summary>Makes one and prints its line.</summary>
    public static KernelCheck Of(string name, double differing, double allowed)
    {
        var check = new KernelCheck(name, differing, allowed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-62} {differing,10:0.00000} {allowed,8:0.#####} {(check.Passed ? "pass" : "FAIL")}"));
        return check;
    }
}
