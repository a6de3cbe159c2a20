using System.Diagnostics;
using OneComp.Quantization.Gptq;
using OneComp.Quantization.Hessians;
using static TorchSharp.torch;

namespace OneComp.Benchmarks.Cpu;

/// <summary>A loop with a clock that runs while it works.</summary>
internal sealed class TimedLoop(IGptqBlockLoop loop, Stopwatch clock) : IGptqBlockLoop
{
    public CarriedErrors Carried(GptqState state, HessianFactor factor) => loop.Carried(state, factor);

    public Tensor? Run(GptqState state, GptqSegment segment, int start, int end)
    {
        clock.Start();
        try
        {
            return loop.Run(state, segment, start, end);
        }
        finally
        {
            clock.Stop();
        }
    }
}
