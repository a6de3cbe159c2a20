namespace OneComp.Build.Help;

/// <summary>A cmdlet as its class declares it.</summary>
/// <param name="Name">Verb-Noun.</param>
/// <param name="Parameters">Its own and inherited parameters, and -WhatIf and -Confirm where it supports them.</param>
public sealed record CmdletShape(string Name, IReadOnlyList<ParameterShape> Parameters)
{
    /// <summary>Names of the parameter sets; one without a name where there are none.</summary>
    public IReadOnlyList<string> Sets
    {
        get
        {
            var named = Parameters.SelectMany(parameter => parameter.Places.Keys).Where(set => set.Length > 0).Distinct().ToList();
            return named.Count > 0 ? named : [""];
        }
    }
}

/// <summary>A parameter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in PowerShell's short words.</param>
/// <param name="IsSwitch">Whether it takes no value.</param>
/// <param name="Values">The values of an enum; empty for other types.</param>
/// <param name="Aliases">Other names.</param>
/// <param name="TakesWildcards">Whether patterns are allowed.</param>
/// <param name="Places">What it is in each parameter set; the key is empty for all sets.</param>
public sealed record ParameterShape(
    string Name,
    string Type,
    bool IsSwitch,
    IReadOnlyList<string> Values,
    IReadOnlyList<string> Aliases,
    bool TakesWildcards,
    IReadOnlyDictionary<string, ParameterPlace> Places)
{
    /// <summary>What it is in a set; null where it is not in it.</summary>
    public ParameterPlace? In(string set) => Places.TryGetValue(set, out var place) || Places.TryGetValue("", out place) ? place : null;
}

/// <summary>A parameter in a parameter set.</summary>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="Position">Its position from 0; null for a named one.</param>
/// <param name="FromPipeline">Whether it binds to objects from the pipeline.</param>
/// <param name="FromProperty">Whether it binds to their properties.</param>
public sealed record ParameterPlace(bool IsRequired, int? Position, bool FromPipeline, bool FromProperty);
