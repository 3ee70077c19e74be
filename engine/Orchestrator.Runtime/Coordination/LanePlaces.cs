using Orchestrator.Core.Activities;

namespace Orchestrator.Runtime.Coordination;

/// <summary>How many attempts this process runs at once in each lane.</summary>
public sealed class LanePlaceOptions
{
    /// <summary>Light work between database calls. Default 64.</summary>
    public int Inline { get; set; } = 64;

    /// <summary>Worker processes. Default: the number of cores.</summary>
    public int Process { get; set; } = Environment.ProcessorCount;

    /// <summary>Programs started for attempts. Default: the number of cores.</summary>
    public int Command { get; set; } = Environment.ProcessorCount;

    /// <summary>How long smaller wishes for slots of a pool may pass one that is too large for what is free. Then slots are kept back for it. Default 1 minute.</summary>
    public TimeSpan PoolPatience { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// The places of all lanes, shared by all runs of this process. Who finds a lane full stands in its line, once; a place that comes free goes to the first
/// in line and to nobody else: by the priority of what waits, then by who came first. So a run with a thousand tasks and a run with one take turns, one with
/// urgent work goes before both, and a free place wakes one run instead of all.
/// </summary>
public sealed class LanePlaces(LanePlaceOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<Lane, int> free = new()
    {
        [Lane.Inline] = options.Inline,
        [Lane.Process] = options.Process,
        [Lane.Command] = options.Command,
    };

    private readonly Dictionary<Lane, SortedSet<Place>> lines = new()
    {
        [Lane.Inline] = [],
        [Lane.Process] = [],
        [Lane.Command] = [],
    };

    private long arrivals;

    /// <summary>Somebody who takes places.</summary>
    /// <param name="onGranted">A place was set aside for the claimant. Called from any thread; must be quick.</param>
    public Claimant Join(Action onGranted) => new(this, onGranted);

    // Whoever stands in line finds no place free: places only become free when the line is empty.
    private bool TryTake(Claimant claimant, Lane lane, int priority)
    {
        // Who waits for a run of its own must not keep that run from its places.
        if (lane == Lane.Child)
        {
            return true;
        }

        lock (gate)
        {
            if (claimant.Granted.Remove(lane, out var granted))
            {
                if (granted > 1)
                {
                    claimant.Granted[lane] = granted - 1;
                }

                return true;
            }

            if (free[lane] > 0)
            {
                free[lane]--;
                return true;
            }

            Stand(claimant, lane, priority);
            return false;
        }
    }

    /// <summary>Whoever waits with something more urgent than before moves up, and back if it is gone; it keeps its time of arrival.</summary>
    private void Stand(Claimant claimant, Lane lane, int priority)
    {
        if (claimant.Waits.TryGetValue(lane, out var before))
        {
            if (before.Priority == priority)
            {
                return;
            }

            lines[lane].Remove(before);
        }

        var place = new Place(priority, before?.Arrival ?? arrivals++, claimant);
        claimant.Waits[lane] = place;
        lines[lane].Add(place);
    }

    private void Release(Lane lane)
    {
        if (lane == Lane.Child)
        {
            return;
        }

        Claimant? next = null;
        lock (gate)
        {
            if (lines[lane].Min is { } first)
            {
                next = first.Claimant;
                lines[lane].Remove(first);
                next.Waits.Remove(lane);
                next.Granted[lane] = next.Granted.GetValueOrDefault(lane) + 1;
            }
            else
            {
                free[lane]++;
            }
        }

        next?.OnGranted();
    }

    /// <summary>One run's side of the places.</summary>
    public sealed class Claimant(LanePlaces places, Action onGranted)
    {
        internal Dictionary<Lane, int> Granted { get; } = [];

        internal Dictionary<Lane, Place> Waits { get; } = [];

        internal Action OnGranted { get; } = onGranted;

        /// <summary>Takes a place, or stands in line for one.</summary>
        /// <param name="lane">The lane.</param>
        /// <param name="priority">That of what is to start there.</param>
        public bool TryTake(Lane lane, int priority) => places.TryTake(this, lane, priority);

        public void Release(Lane lane) => places.Release(lane);

        /// <summary>Hands on what was set aside and is not needed after all.</summary>
        public void GiveBack()
        {
            KeyValuePair<Lane, int>[] unused;
            lock (places.gate)
            {
                if (Granted.Count == 0)
                {
                    return;
                }

                unused = [.. Granted];
                Granted.Clear();
            }

            foreach (var (lane, count) in unused)
            {
                for (var i = 0; i < count; i++)
                {
                    places.Release(lane);
                }
            }
        }

        /// <summary>Takes no more places.</summary>
        public void Leave()
        {
            lock (places.gate)
            {
                foreach (var (lane, place) in Waits)
                {
                    places.lines[lane].Remove(place);
                }

                Waits.Clear();
            }

            GiveBack();
        }
    }

    /// <summary>A place in a lane's line: higher priority first, then who came first.</summary>
    internal sealed record Place(int Priority, long Arrival, Claimant Claimant) : IComparable<Place>
    {
        public int CompareTo(Place? other) =>
            other is null ? -1 : Priority != other.Priority ? other.Priority.CompareTo(Priority) : Arrival.CompareTo(other.Arrival);
    }
}
