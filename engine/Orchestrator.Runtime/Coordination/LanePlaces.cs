using Orchestrator.Core.Activities;

namespace Orchestrator.Runtime.Coordination;

/// <summary>How many attempts this process runs at once in each lane.</summary>
public sealed class LanePlaceOptions
{
    /// <summary>Light work between database calls. Default 16.</summary>
    public int Inline { get; set; } = 16;

    /// <summary>Worker processes. Default: the number of cores.</summary>
    public int Process { get; set; } = Environment.ProcessorCount;

    /// <summary>Programs started for attempts. Default: the number of cores.</summary>
    public int Command { get; set; } = Environment.ProcessorCount;
}

/// <summary>The places of all lanes, shared by all runs of this process. What is full is not waited for here: a run asks again when told that a place came free.</summary>
public sealed class LanePlaces(LanePlaceOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<Lane, int> free = new()
    {
        [Lane.Inline] = options.Inline,
        [Lane.Process] = options.Process,
        [Lane.Command] = options.Command,
    };

    /// <summary>A place came free. Raised from any thread.</summary>
    public event Action? Freed;

    public bool TryTake(Lane lane)
    {
        lock (gate)
        {
            if (free[lane] == 0)
            {
                return false;
            }

            free[lane]--;
            return true;
        }
    }

    public void Release(Lane lane)
    {
        lock (gate)
        {
            free[lane]++;
        }

        Freed?.Invoke();
    }
}
