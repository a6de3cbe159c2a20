namespace OneComp.Benchmarks.Layers;

/// <summary>Milliseconds to quantize one layer at 4 bits, group size 128; every figure holds its own Cholesky unless it says otherwise.</summary>
/// <param name="Rows">d_out.</param>
/// <param name="Columns">d_in.</param>
/// <param name="Factor">The Cholesky and the inverses of its diagonal blocks alone.</param>
/// <param name="FactorInFloat64">The same in float64.</param>
/// <param name="Shared">The rest, where the factor is there from a layer that reads the same input.</param>
/// <param name="Gptq">Plain settings.</param>
/// <param name="ActMse">With act-order and mse.</param>
/// <param name="StaticMse">With static groups, act-order and mse.</param>
/// <param name="Preset">With the default preset, which refines.</param>
/// <param name="Loop">Plain settings through the column-by-column tensor loop.</param>
/// <param name="LoopActMse">With act-order and mse through that loop.</param>
/// <param name="Ratio">Loop / Gptq.</param>
/// <param name="RatioActMse">LoopActMse / ActMse.</param>
/// <param name="EqualCodes">Share of codes that the loop and the kernels agree on, plain settings.</param>
/// <param name="WeightError">Σ(W - Ŵ)² of the kernels over the loop's, less 1.</param>
/// <param name="Pack">Packing the codes and copying the words to main memory.</param>
internal sealed record LayerRow(
    int Rows, int Columns, double Factor, double FactorInFloat64, double Shared, double Gptq, double ActMse, double StaticMse, double Preset, double Loop, double LoopActMse, double Ratio, double RatioActMse, double EqualCodes, double WeightError, double Pack);
