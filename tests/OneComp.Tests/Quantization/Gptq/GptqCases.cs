using OneComp.Quantization.Gptq;

namespace OneComp.Tests.Quantization.Gptq;

/// <summary>Shapes and settings at which every block loop is held against the plain one, here and in the benchmarks' check-kernels.</summary>
internal static class GptqCases
{
    private static readonly GptqQuantizer Asymmetric = new() { WBits = 3, GroupSize = 32, Sym = false };

    public static IReadOnlyDictionary<string, (int Rows, int Columns, int Dead, GptqQuantizer Options)> All { get; } = new Dictionary<string, (int Rows, int Columns, int Dead, GptqQuantizer Options)>
    {
        ["one row"] = (1, 96, 0, Asymmetric),
        ["one column"] = (9, 1, 0, Asymmetric),
        ["one weight"] = (1, 1, 0, new GptqQuantizer { GroupSize = -1 }),
        ["columns that 128 does not divide"] = (13, 203, 0, new GptqQuantizer { WBits = 4, GroupSize = 128 }),
        ["dead columns"] = (12, 70, 9, Asymmetric),
        ["dead columns, act-order"] = (12, 70, 9, Asymmetric with { ActOrder = true }),
        ["groups smaller than the block that divide neither it nor d_in"] = (11, 200, 0, Asymmetric with { GroupSize = 48 }),
        ["groups smaller than the block, act-order"] = (11, 200, 0, Asymmetric with { GroupSize = 48, ActOrder = true }),
        ["groups larger than the block"] = (7, 250, 0, new GptqQuantizer { GroupSize = 96, BlockSize = 40 }),
        ["per channel over several blocks"] = (8, 150, 0, Asymmetric with { GroupSize = -1, BlockSize = 64 }),
        ["per channel, act-order, mse"] = (8, 150, 0, Asymmetric with { GroupSize = -1, ActOrder = true, Mse = true }),
        ["symmetric, act-order, mse"] = (8, 150, 0, new GptqQuantizer { WBits = 3, GroupSize = 64, ActOrder = true, Mse = true }),
        ["static groups"] = (8, 150, 0, Asymmetric with { StaticGroups = true }),
        ["static groups, act-order"] = (8, 150, 5, Asymmetric with { StaticGroups = true, ActOrder = true }),
        ["static groups, act-order, weighted mse"] = (8, 150, 5, Asymmetric with { StaticGroups = true, ActOrder = true, Mse = true, WeightedMse = true }),
        ["weighted mse"] = (8, 150, 0, Asymmetric with { Mse = true, WeightedMse = true }),
        ["weighted mse, act-order"] = (8, 150, 3, new GptqQuantizer { WBits = 3, GroupSize = 64, ActOrder = true, Mse = true, WeightedMse = true }),
        ["a group longer than the row"] = (8, 40, 0, new GptqQuantizer { GroupSize = 128 }),
        ["blocks of one column"] = (5, 30, 0, Asymmetric with { GroupSize = 8, BlockSize = 1 }),
        ["heavy damping"] = (5, 64, 0, Asymmetric with { PercDamp = 1 }),
        ["2 bits"] = (10, 100, 0, Asymmetric with { WBits = 2 }),
        ["2 bits, symmetric"] = (10, 100, 0, Asymmetric with { WBits = 2, Sym = true }),
        ["5 bits"] = (10, 100, 0, Asymmetric with { WBits = 5 }),
        ["6 bits"] = (10, 100, 0, Asymmetric with { WBits = 6, Sym = true }),
        ["7 bits"] = (10, 100, 0, Asymmetric with { WBits = 7 }),
        ["8 bits"] = (10, 100, 0, Asymmetric with { WBits = 8 }),
        ["8 bits, symmetric"] = (10, 100, 0, Asymmetric with { WBits = 8, Sym = true }),
    };
}
