namespace OneComp.Progress;

/// <summary>What an event of a run is, by numbers that stay the same between versions (docs/logs.md).</summary>
public enum RunEventId
{
    /// <summary>A run began.</summary>
    RunStarted = 1000,

    /// <summary>A run goes on where an earlier one ended.</summary>
    RunResumed = 1001,

    /// <summary>A run is done; the destination is there.</summary>
    RunFinished = 1002,

    /// <summary>A run was stopped.</summary>
    RunCancelled = 1003,

    /// <summary>A run ended by an error.</summary>
    RunFailed = 1004,

    /// <summary>A phase began: model, planning, quantizing, saving, tuning, exporting.</summary>
    PhaseStarted = 1005,

    /// <summary>Each layer has its quantizer.</summary>
    PlanMade = 1100,

    /// <summary>The calibration windows are there.</summary>
    WindowsLoaded = 1101,

    /// <summary>A layer was quantized.</summary>
    LayerQuantized = 1200,

    /// <summary>Every layer of a block is quantized, saved and on the disk: a run goes on from here.</summary>
    BlockFinished = 1201,

    /// <summary>A finished block was walked through once more, to bring the calibration states up to date.</summary>
    BlockReplayed = 1202,

    /// <summary>The calibration states after a block were written.</summary>
    StatesSaved = 1203,

    /// <summary>Memory ran out, and fewer windows are taken at a time from then on.</summary>
    BatchHalved = 1204,

    /// <summary>The lock of a process that is gone was taken over.</summary>
    LockTakenOver = 1300,

    /// <summary>An unfinished run was removed, since it was not to go on.</summary>
    RunDiscarded = 1301,

    /// <summary>Something the user should know.</summary>
    Warning = 2000,

    /// <summary>A detail.</summary>
    Detail = 3000,
}
