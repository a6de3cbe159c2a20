namespace OneComp.Runtime.Teams;

/// <summary>What the devices of a team hold between them, each its part.</summary>
internal interface ITeamHolding
{
    /// <summary>Gives the parts of devices that failed to those that are left. What the parts are of must be readable.</summary>
    /// <param name="failed">Places of the devices that failed.</param>
    /// <param name="left">Places of those that are left.</param>
    void Reassign(IReadOnlyCollection<int> failed, IReadOnlyList<int> left);
}
