using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Scheduling.Events;

/// <summary>Something that happened, in a combination that waits for more.</summary>
internal sealed record Happened
{
    /// <summary>The signal's number.</summary>
    public required long Number { get; init; }

    public required DateTimeOffset At { get; init; }

    public required JsonElement Event { get; init; }
}

/// <summary>A combination that has come together.</summary>
/// <param name="Number">The number of the newest signal in it.</param>
/// <param name="Event">What its run is told.</param>
internal readonly record struct Combined(long Number, JsonElement Event);

/// <summary>What a combination remembers of what has happened. Pure: times come in with what happens.</summary>
internal sealed record Combination
{
    /// <summary>The newest of each part since the last run, null for those that have not happened.</summary>
    public ImmutableArray<Happened?> Parts { get; init; } = [];

    public static Combination Of(CombinedTrigger trigger, JsonElement? state)
    {
        var known = state is { } stored ? OrcJson.FromElement<Combination>(stored) : new Combination();
        return known.Parts.Length == trigger.Of.Length ? known : new Combination { Parts = [.. Enumerable.Repeat<Happened?>(null, trigger.Of.Length)] };
    }

    /// <summary>True when nothing is remembered.</summary>
    private bool IsEmpty => Parts.All(part => part is null);

    private Happened? Newest => Parts.OfType<Happened>().MaxBy(part => part.Number);

    public Combination Add(int part, Happened happened) => this with { Parts = Parts.SetItem(part, happened) };

    /// <summary>What has waited longer for the others than it may is forgotten.</summary>
    public (Combination Left, IReadOnlyList<Happened> Forgotten) Forget(CombinedTrigger trigger, DateTimeOffset now)
    {
        if (trigger is not { All: true, Within: { } within } || IsComplete(trigger))
        {
            return (this, []);
        }

        Happened[] old = [.. Parts.OfType<Happened>().Where(part => now - part.At > within)];
        return old.Length == 0 ? (this, []) : (this with { Parts = [.. Parts.Select(part => part is null || old.Contains(part) ? null : part)] }, old);
    }

    /// <summary>The run to start now; null while something is missing, or might still come.</summary>
    public Combined? Ready(CombinedTrigger trigger, DateTimeOffset now) =>
        IsComplete(trigger) && Newest is { } newest && (trigger.Debounce is not { } quiet || now - newest.At >= quiet)
            ? new Combined(newest.Number, OrcJson.ToElement(new { events = Parts.Select(part => part?.Event) }))
            : null;

    /// <summary>When it must be looked at again though nothing happens; null: not before something does.</summary>
    public DateTimeOffset? NextAt(CombinedTrigger trigger) =>
        IsEmpty || Newest is not { } newest ? null
        : IsComplete(trigger) ? trigger.Debounce is { } quiet ? newest.At + quiet : null
        // A tick later: what has waited for exactly as long as it may is in time.
        : trigger.Within is { } within ? Parts.OfType<Happened>().Min(part => part.At) + within + TimeSpan.FromTicks(10) : null;

    public Combination Clear() => this with { Parts = [.. Parts.Select(_ => (Happened?)null)] };

    public JsonElement? ToState() => IsEmpty ? null : OrcJson.ToElement(this);

    private bool IsComplete(CombinedTrigger trigger)
    {
        if (!trigger.All)
        {
            return !IsEmpty;
        }

        var there = Parts.OfType<Happened>().ToArray();
        return there.Length == Parts.Length && (trigger.Within is not { } within || there.Max(part => part.At) - there.Min(part => part.At) <= within);
    }
}
