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
/// in line and to nobody else. So a run with a thousand tasks and a run with one take turns, and a free place wakes one run instead of all.
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

    private readonly Dictionary<Lane, Queue<Claimant>> lines = new()
    {
        [Lane.Inline] = [],
        [Lane.Process] = [],
        [Lane.Command] = [],
    };

    /// <summary>Somebody who takes places.</summary>
    /// <param name="onGranted">A place was set aside for the claimant. Called from any thread; must be quick.</param>
    public Claimant Join(Action onGranted) => new(this, onGranted);

    // Whoever stands in line finds no place free: places only become free when the line is empty.
    private bool TryTake(Claimant claimant, Lane lane)
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

            if (claimant.Waits.Add(lane))
            {
                lines[lane].Enqueue(claimant);
            }

            return false;
        }
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
            while (lines[lane].TryDequeue(out var first))
            {
                first.Waits.Remove(lane);
                if (!first.HasLeft)
                {
                    next = first;
                    next.Granted[lane] = next.Granted.GetValueOrDefault(lane) + 1;
                    break;
                }
            }

            if (next is null)
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

        internal HashSet<Lane> Waits { get; } = [];

        internal bool HasLeft { get; private set; }

        internal Action OnGranted { get; } = onGranted;

        /// <summary>Takes a place, or stands in line for one.</summary>
        public bool TryTake(Lane lane) => places.TryTake(this, lane);

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
                HasLeft = true;
            }

            GiveBack();
        }
    }
}
