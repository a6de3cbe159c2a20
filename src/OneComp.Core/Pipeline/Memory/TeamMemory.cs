using OneComp.Calibration;
using OneComp.Models;
using OneComp.Quantization;
using OneComp.Quantization.Hessians;
using OneComp.Runtime;
using OneComp.Runtime.Teams;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Pipeline.Memory;

/// <summary>What a run takes of each device of its team, and how it makes do with what there is.</summary>
/// <param name="model">The source.</param>
/// <param name="plan">What to do.</param>
/// <param name="team">The devices; those that are left whenever it is asked.</param>
/// <param name="type">Type that blocks compute in.</param>
/// <param name="propagates">Whether errors are propagated.</param>
internal sealed class TeamMemory(CausalModel model, QuantizationPlan plan, DeviceTeam team, ScalarType type, bool propagates)
{
    /// <summary>Batches that fit the memory.</summary>
    /// <exception cref="DeviceException">OutOfMemory: the limit that was given is too small.</exception>
    public DevicePlan Plan(TokenWindows windows)
    {
        var batch = StatesPlacement.TokensFor(team.Device);
        if (team.Device.type == DeviceType.CPU)
        {
            return new DevicePlan(batch, ReadsAhead: true, KeepsStates: false, 0, Fits: true); // main memory is not divided: all of it is there for all
        }

        var room = Room();
        var memory = Needed(room, windows.Length);
        var how = DevicePlan.For(memory, (windows.Ids.Length + team.Workers.Count - 1) / team.Workers.Count, windows.Length, batch, room.Available);
        if (GpuMemoryLimit.Bytes is { } given)
        {
            how.Require(team.Name, memory, windows.Length, given);
        }

        return how;
    }

    /// <summary>As <see cref="DevicePlan.WhatFits"/>, for windows of so many tokens.</summary>
    public string WhatFits(int length) => DevicePlan.WhatFits(
        Needed(Room(), length), length, ComputeDevices.Find(team.Device) is { } device ? GpuMemoryLimit.Within(device.TotalMemoryBytes) : 0, team.Device.type == DeviceType.CUDA);

    private GpuRoom Room() => team.Device.type == DeviceType.CUDA ? GpuRoom.Of(team.Workers.Select(worker => worker.Device)) : default;

    private DeviceMemory Needed(GpuRoom room, int length) => DeviceMemory
        .Of(model.Config, model.Topology, plan.Layers, (int)type.ElementSize(), (int)SumPanels.TypeOn(team.Device).ElementSize(), propagates, calibrates: true, team.IsShared)
        .WithLeaves(room.Total, length);
}
