namespace Orchestrator.Runtime.Lanes;

/// <summary>Adds an attempt's timeout to any lane: first it asks to stop, after a grace it kills, and the end becomes a failure that says so.</summary>
internal static class TimeLimit
{
    /// <param name="run">Runs the attempt with the two tokens it is given: stop and kill.</param>
    public static async Task<AttemptResult> RunAsync(
        TimeSpan? limit,
        TimeSpan grace,
        TimeProvider time,
        Func<CancellationToken, CancellationToken, Task<AttemptResult>> run,
        CancellationToken stop,
        CancellationToken kill)
    {
        if (limit is not { } longest)
        {
            return await run(stop, kill);
        }

        using var timer = new CancellationTokenSource(longest, time);
        using var graceTimer = new CancellationTokenSource(longest + grace, time);
        using var stopEither = CancellationTokenSource.CreateLinkedTokenSource(stop, timer.Token);
        using var killEither = CancellationTokenSource.CreateLinkedTokenSource(kill, graceTimer.Token);
        var result = await run(stopEither.Token, killEither.Token);

        // Work that was done in the grace is done. Anything else after the time ran out is due to that, unless a person asked to stop as well.
        return timer.IsCancellationRequested && !stop.IsCancellationRequested && !kill.IsCancellationRequested && result is not AttemptResult.Succeeded
            ? new AttemptResult.Failed(RuntimeErrors.TimedOut(longest)) { Facts = result.Facts }
            : result;
    }
}
