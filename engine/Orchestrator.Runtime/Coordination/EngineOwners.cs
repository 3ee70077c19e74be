using Orchestrator.Runtime.Processes;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Who this process is as an owner of runs, and which other owners are known to be dead.</summary>
public static class EngineOwners
{
    /// <summary>How long a run stays with an owner that says nothing more.</summary>
    public static TimeSpan Lease { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How often leases are renewed: several tries fit into one lease.</summary>
    public static TimeSpan RenewEvery { get; } = TimeSpan.FromSeconds(8);

    internal static RunOwner Create(string unique, TimeProvider time) => new()
    {
        Id = $"{Environment.MachineName}/{ProcessIdentity.Current}-{unique}",
        Host = Environment.MachineName,
        ProcessId = Environment.ProcessId,
        ProcessStartedAt = time.GetUtcNow(),
    };

    /// <summary>Owners on this machine whose process is gone: a restart need not wait for their leases. Of other machines only the lease can tell.</summary>
    public static IReadOnlyList<string> Dead(IEnumerable<RunOwner> owners) => [.. owners.Where(IsDead).Select(owner => owner.Id)];

    /// <summary>True when the owner was a process of this machine and is gone.</summary>
    public static bool IsDead(RunOwner owner) => owner.Host == Environment.MachineName && IsGone(owner.Id);

    /// <summary>This process, for work that one process at a time does.</summary>
    internal static string This { get; } = $"{Environment.MachineName}/{ProcessIdentity.Current}";

    /// <summary>The same of an owner by its id.</summary>
    internal static bool IsDead(string owner) => owner.StartsWith($"{Environment.MachineName}/", StringComparison.Ordinal) && IsGone(owner);

    private static bool IsGone(string owner) =>
        ProcessIdentity.TryParse(owner[(owner.IndexOf('/', StringComparison.Ordinal) + 1)..], out var identity) && !identity.IsAlive;
}
