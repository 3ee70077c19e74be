using System.Collections.Immutable;
using Orchestrator.Core.Runs;

namespace Orchestrator.Runtime.Tests.Ownership;

/// <summary>What two processes that want the same run ask of a store; once as a model in memory, once the real one.</summary>
internal interface IOwnerStore
{
    /// <summary>The epoch, or null when somebody else holds the run or it has ended.</summary>
    Task<long?> ClaimAsync(string owner, DateTimeOffset now, DateTimeOffset until);

    Task<ImmutableArray<RunEvent>> LoadAsync();

    /// <summary>False: refused, and nothing of it is stored.</summary>
    Task<bool> CommitAsync(string owner, long epoch, RunState before, RunState after, ImmutableArray<RunEvent> events, DateTimeOffset now);

    /// <summary>True when the owner still holds the run.</summary>
    Task<bool> RenewAsync(string owner, DateTimeOffset until);

    Task<bool> ReleaseAsync(long epoch);

    /// <summary>Who holds the run and under which epoch, for comparison.</summary>
    Task<string> DescribeAsync();
}

/// <summary>The rules of ownership in their shortest form.</summary>
internal sealed class ModelOwnerStore(ImmutableArray<RunEvent> first) : IOwnerStore
{
    private ImmutableArray<RunEvent> events = first;
    private string? owner;
    private long epoch;
    private DateTimeOffset until;

    private bool Ended => events[^1] is RunEnded;

    public Task<long?> ClaimAsync(string owner, DateTimeOffset now, DateTimeOffset until)
    {
        if (Ended || (this.owner is not null && this.until > now))
        {
            return Task.FromResult<long?>(null);
        }

        (this.owner, this.until) = (owner, until);
        return Task.FromResult<long?>(++epoch);
    }

    public Task<ImmutableArray<RunEvent>> LoadAsync() => Task.FromResult(events);

    public Task<bool> CommitAsync(string owner, long epoch, RunState before, RunState after, ImmutableArray<RunEvent> events, DateTimeOffset now)
    {
        if (this.epoch != epoch || this.events.Length != before.Sequence)
        {
            return Task.FromResult(false);
        }

        this.events = this.events.AddRange(events);
        return Task.FromResult(true);
    }

    public Task<bool> RenewAsync(string owner, DateTimeOffset until)
    {
        var holds = this.owner == owner && !Ended;
        this.until = holds ? until : this.until;
        return Task.FromResult(holds);
    }

    public Task<bool> ReleaseAsync(long epoch)
    {
        var holds = this.epoch == epoch && owner is not null;
        owner = holds ? null : owner;
        return Task.FromResult(holds);
    }

    public Task<string> DescribeAsync() => Task.FromResult($"{owner ?? "nobody"} {epoch} {events.Length}{(Ended ? " ended" : "")}");
}
