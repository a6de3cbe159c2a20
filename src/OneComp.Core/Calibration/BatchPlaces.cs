using System.Globalization;
using OneComp.Progress;
using OneComp.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace OneComp.Calibration;

/// <summary>
/// Where each batch of windows is worked on and where it is kept: on the GPU that works on it, or in main memory, page-locked so that the GPU
/// copies straight from and to it. Knows too how many rows of a batch a device takes at once.
/// </summary>
internal sealed class BatchPlaces
{
    private readonly int[] _owners; // by batch: the place in _devices of the device that works on it
    private readonly IReadOnlyList<Device> _devices;
    private readonly int[] _rowsAtOnce; // by device
    private readonly IProgress<RunEvent>? _progress;

    private BatchPlaces(int[] owners, IReadOnlyList<Device> devices, bool onDevices, IProgress<RunEvent>? progress)
    {
        _owners = owners;
        _devices = devices;
        _rowsAtOnce = [.. devices.Select(_ => int.MaxValue)];
        OnDevices = onDevices;
        _progress = progress;
    }

    /// <summary>True where batches are kept on the devices.</summary>
    public bool OnDevices { get; }

    /// <summary>The places of batches that are kept on the devices, or are not.</summary>
    public static BatchPlaces Of(StatesPlacement placement, int batches, bool onDevices) => new(placement.OwnersOf(batches), placement.Devices, onDevices, placement.Progress);

    /// <summary>The same devices for batches that are kept on them, or are not; nothing is known of rows at once.</summary>
    public BatchPlaces Copy(bool onDevices) => new([.. _owners], _devices, onDevices, _progress);

    /// <summary>Where a batch is worked on.</summary>
    public Device DeviceOf(int batch) => _devices[_owners[batch]];

    /// <summary>Where a batch is kept.</summary>
    public Device HomeOf(int batch) => OnDevices ? DeviceOf(batch) : CPU;

    /// <summary>The place of a batch's device among the devices.</summary>
    public int OwnerOf(int batch) => _owners[batch];

    /// <summary>The batches that a device works on, by its place among the devices.</summary>
    public IReadOnlyList<int> BatchesOf(int owner) => [.. Enumerable.Range(0, _owners.Length).Where(batch => _owners[batch] == owner)];

    /// <summary>Gives a batch to another device, by its place; what is kept of the batch stays where it is.</summary>
    public void Give(int batch, int owner) => _owners[batch] = owner;

    /// <summary>Most rows of a batch that its device takes at once.</summary>
    public int RowsAtOnce(int batch) => _rowsAtOnce[_owners[batch]];

    /// <summary>Notes that a batch's device has no room for more rows, and tells of it.</summary>
    public void TakeAtOnce(int batch, int rows)
    {
        if (rows < RowsAtOnce(batch))
        {
            _rowsAtOnce[_owners[batch]] = rows;
            _progress?.Report(new FactEvent(RunEventId.BatchHalved, string.Create(CultureInfo.InvariantCulture, $"Memory ran out on {ComputeDevices.NameOf(DeviceOf(batch))}: {rows} windows at a time from here on."))
            {
                Numbers = [new("windows", rows)],
            });
        }
    }

    /// <summary>The tensor where a batch is kept, the argument itself where it is there. The caller owns both.</summary>
    public Tensor ToHome(int batch, Tensor value) => IsHome(batch, value) ? value.alias() : AtHome(batch, value);

    /// <summary>The tensor where a batch is kept, which may be the argument.</summary>
    public Tensor AtHome(int batch, Tensor value) => Locked(batch, IsHome(batch, value) ? value : value.to(HomeOf(batch)));

    /// <summary>Some rows of a tensor that is kept of a batch, in its place: all of it is freed. The rows belong to no dispose scope.</summary>
    public Tensor Fewer(int batch, Tensor all, int[] rows)
    {
        var fewer = AtHome(batch, all.index_select(0, RowIndex.Of(rows, all.device))).DetachFromDisposeScope();
        all.Dispose();
        return fewer;
    }

    /// <summary>In memory that a batch's GPU can copy from, where there is one to work on; else as it is. The argument is taken over.</summary>
    public Tensor Locked(int batch, Tensor value)
    {
        if (DeviceOf(batch).type != DeviceType.CUDA || value.device.type != DeviceType.CPU)
        {
            return value;
        }

        using (value)
        {
            return value.pin_memory();
        }
    }

    /// <summary>Copies of all batches that have room on the devices; 0 where they are kept in main memory.</summary>
    /// <param name="bytes">Bytes of all batches.</param>
    public int RoomForCopies(long bytes)
    {
        if (!OnDevices)
        {
            return 0;
        }

        var share = Math.Max(1, bytes / _devices.Count);
        return (int)Math.Min(int.MaxValue, _devices.Min(device => StatesPlacement.RoomForInputs(ComputeDevices.Find(device)?.FreeMemoryBytes ?? 0) / share));
    }

    private bool IsHome(int batch, Tensor value) => value.device.type == HomeOf(batch).type && (value.device.type == DeviceType.CPU || value.device.index == Math.Max(DeviceOf(batch).index, 0));
}
