using System.Collections.Concurrent;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Access;

/// <summary>Counts wrong secrets by where they come from. Secrets of 256 bits are not guessed; this keeps the log and the processor from those who try.</summary>
internal sealed class FailedSignIns(TimeProvider time)
{
    private const int Most = 60;
    private const int MostPlaces = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (long Since, int Times)> places = new(StringComparer.Ordinal);

    /// <exception cref="ProblemException">Too many came from there in the last minute (ORC6013).</exception>
    public void Check(string from)
    {
        if (places.TryGetValue(from, out var seen) && seen.Times >= Most && time.GetElapsedTime(seen.Since) is var passed && passed < Window)
        {
            throw ServerErrors.TooManyRequests((int)Math.Ceiling((Window - passed).TotalSeconds));
        }
    }

    public void Count(string from)
    {
        if (places.Count >= MostPlaces)
        {
            foreach (var (place, seen) in places)
            {
                if (time.GetElapsedTime(seen.Since) >= Window)
                {
                    places.TryRemove(place, out _);
                }
            }
        }

        var now = time.GetTimestamp();
        places.AddOrUpdate(from, (now, 1), (_, seen) => time.GetElapsedTime(seen.Since, now) >= Window ? (now, 1) : (seen.Since, seen.Times + 1));
    }
}
