namespace OneComp.Benchmarks.Cpu;

/// <summary>One quantization of tiny-llama on the CPU.</summary>
/// <param name="Recipe">Settings.</param>
/// <param name="RunSeconds">The whole run.</param>
/// <param name="LoopSeconds">Of that in the block loop.</param>
/// <param name="TensorRunSeconds">The whole run through the column-by-column tensor loop.</param>
/// <param name="TensorLoopSeconds">Of that in the loop.</param>
/// <param name="RunRatio">TensorRunSeconds / RunSeconds.</param>
/// <param name="LoopRatio">TensorLoopSeconds / LoopSeconds.</param>
internal sealed record CpuRow(string Recipe, double RunSeconds, double LoopSeconds, double TensorRunSeconds, double TensorLoopSeconds, double RunRatio, double LoopRatio);
