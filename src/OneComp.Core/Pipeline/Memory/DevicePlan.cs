using System.Globalization;
using OneComp.Runtime;

namespace OneComp.Pipeline.Memory;

/// <summary>How a run makes do with the memory of a GPU.</summary>
/// <param name="BatchTokens">Most tokens of a batch.</param>
/// <param name="ReadsAhead">Whether the next block is read while one is worked on.</param>
/// <param name="KeepsStates">Whether the windows' states are kept on the GPU.</param>
/// <param name="Bytes">The peak to be expected.</param>
/// <param name="Fits">Whether that is within the memory.</param>
internal sealed record DevicePlan(int BatchTokens, bool ReadsAhead, bool KeepsStates, long Bytes, bool Fits)
{
    private const int StatesShare = 2;  // of the memory, for states alone

    /// <summary>Leaves of the sums' trees: more than one where their last bits are not to depend on the number of devices.</summary>
    public int Leaves { get; init; } = 1;

    /// <summary>The fastest way that fits: whole batches and reading ahead before states, small batches before waiting for each block.</summary>
    /// <param name="memory">The formula.</param>
    /// <param name="tokens">Calibration tokens of the device that has most of them.</param>
    /// <param name="length">Tokens of a window, the least of a batch.</param>
    /// <param name="batchTokens">Tokens of a batch that products run at full rate with.</param>
    /// <param name="available">Bytes that may be taken.</param>
    public static DevicePlan For(DeviceMemory memory, long tokens, int length, int batchTokens, long available)
    {
        var whole = Math.Max(length, batchTokens / length * length);
        DevicePlan? last = null;
        foreach (var ahead in new[] { true, false })
        {
            for (var batch = whole; ; batch = Math.Max(length, batch / 2 / length * length))
            {
                foreach (var states in tokens * memory.StateBytesPerToken <= available / StatesShare ? new[] { true, false } : [false])
                {
                    var bytes = GpuOverhead.Taken(memory.Peak(ahead, Math.Min(batch, tokens), states ? tokens : 0));
                    last = new DevicePlan(batch, ahead, states, bytes, bytes <= available) { Leaves = memory.Leaves };
                    if (last.Fits)
                    {
                        return last;
                    }
                }

                if (batch == length)
                {
                    break;
                }
            }
        }

        return last!;
    }

    /// <summary>Refuses a limit that even the smallest way does not fit into.</summary>
    /// <exception cref="DeviceException">OutOfMemory: says what would fit.</exception>
    public void Require(string device, DeviceMemory memory, int length, long limit)
    {
        if (!Fits)
        {
            throw new DeviceException(DeviceError.OutOfMemory, device, $"The run does not fit into -MaxGpuMemoryGB {GB(limit)} on {device}. {WhatFits(memory, length, limit)}");
        }
    }

    /// <summary>What would fit: more memory for these windows, or shorter windows for this memory.</summary>
    /// <param name="memory">The formula.</param>
    /// <param name="length">Tokens of a window.</param>
    /// <param name="available">Bytes that there are.</param>
    /// <param name="isGpu">Whether CUDA and its libraries are there too.</param>
    public static string WhatFits(DeviceMemory memory, int length, long available, bool isGpu = true)
    {
        var peak = memory.Peak(false, length, 0);
        var needed = isGpu ? GpuOverhead.Taken(peak) : peak;
        var room = (isGpu ? GpuOverhead.Room(available) : available) - memory.Weights - memory.Waiting;
        var shorter = memory.BytesPerToken == 0 || memory.Quantizing > room ? 0 : (long)((room - memory.SumsHeld) / memory.BytesPerToken);
        return $"Windows of {length.ToString(CultureInfo.InvariantCulture)} tokens, one at a time, need about {GB(needed)} GB: {GB(memory.Weights)} for a block's weights, {GB(memory.SumsHeld)} for its Hessians, {GB(memory.BytesPerToken * length)} for a window, {GB(memory.Quantizing)} while the largest layer is quantized."
            + (shorter is > 1 && shorter < length ? $" Windows of up to {shorter.ToString(CultureInfo.InvariantCulture)} tokens would fit (-MaxLength)." : "");
    }

    private static string GB(double bytes) => MemoryNeed.GB(bytes);
}
