using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Diagnosis;
using Orchestrator.Storage.Retention;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Doctor;

/// <summary>What should go on and does not.</summary>
internal sealed class StuckChecks(OrcSession session, TimeProvider time)
{
    /// <summary>Longer than everything that is only under way.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2), OldMessage = TimeSpan.FromMinutes(15), Recent = TimeSpan.FromDays(1);

    private const int Most = 1000;

    private readonly DiagnosisStore store = new(session.Database);

    private DateTimeOffset Now => time.GetUtcNow();

    public async IAsyncEnumerable<Check> RunAsync()
    {
        yield return await CheckRunsAsync();
        yield return await CheckRequestsAsync();
        yield return await CheckAnswersAsync();
        yield return await CheckPoolsAsync();
        yield return await CheckMessagesAsync();
        yield return await CheckSchedulesAsync();
        yield return await CheckTicksAsync();
        yield return await CheckRetentionAsync();
    }

    private async Task<Check> CheckRunsAsync()
    {
        var open = await session.Stores.Runs.ListAsync(new RunFilter { Unfinished = true, Limit = Most }, CancellationToken.None);
        var abandoned = open.Where(session.IsAbandoned).ToArray();
        if (abandoned.Length > 0)
        {
            return Check.Warning(
                "runs", $"{abandoned.Length} unfinished without a process that works on them: {Some(abandoned.Select(run => run.Id))}", "A server takes all of them up; or go on with one by hand, or end it with orc cancel.",
                $"orc run --resume {abandoned[0].Id}");
        }

        var late = await store.ListLateLeasesAsync(Now, CancellationToken.None);
        return late.Count > 0
            ? Check.Warning("runs", $"{late.Count} whose process has not been heard of in time: {Some(late)}", "It is stopped, or its machine is cut off. Another process takes them up by itself.", $"orc run --resume {late[0]}")
            : Check.Ok("runs", open.Count == 0 ? "none is unfinished" : $"{open.Count} unfinished, all worked on");
    }

    private async Task<Check> CheckRequestsAsync()
    {
        var late = (await store.ListOldRequestsAsync(Now - Late, CancellationToken.None)).Distinct().ToArray();
        return late.Length > 0
            ? Check.Error("requests", $"{late.Length} runs have not taken what they were asked: {Some(late)}", "The process that works on them does not hear. End it; the runs go on with the next one.", $"orc why {late[0]}")
            : Check.Ok("requests", "all were taken");
    }

    /// <summary>A question whose time is over is answered by the run's own process, so one that is not has none.</summary>
    private async Task<Check> CheckAnswersAsync()
    {
        var questions = await session.Stores.Runs.ListQuestionsAsync(CancellationToken.None);
        var late = new List<OpenQuestion>();
        foreach (var run in questions.Take(Most).GroupBy(question => question.RunId))
        {
            var state = await session.ReplayAsync(run.Key, CancellationToken.None);
            late.AddRange(run.Where(question => WaitReasons.OfTask(state, new TaskKey(state.Graph[question.Task].Index, TaskKey.Whole)).Until < Now - Late));
        }

        return late.Count > 0
            ? Check.Warning("approvals", $"{late.Count} past their deadline: {Some(late.Select(question => $"{question.RunId} {question.Task}"))}", "Nobody works on the run, so nothing happens at the deadline. Go on with it, or answer.", $"orc run --resume {late[0].RunId}")
            : Check.Ok("approvals", questions.Count == 0 ? "nothing is asked" : $"{questions.Count} open, none past its deadline");
    }

    private async Task<Check> CheckPoolsAsync()
    {
        var lost = await store.ListLateSlotsAsync(Now - Late, CancellationToken.None);
        return lost.Count > 0
            ? Check.Warning("pools", $"slots whose holder is not heard of: {string.Join(", ", lost.Select(pool => $"{pool.Number} of {pool.Pool} since {Words.Ago(pool.Since, Now)}"))}", "They are free for others, and go when their run is taken up again.", "orc pools")
            : Check.Ok("pools", "no slot is lost");
    }

    /// <summary>What happens is written down for whoever tells people, also where nobody is to be told.</summary>
    private async Task<Check> CheckMessagesAsync()
    {
        if (session.Channels.Settings.Channels.Count == 0)
        {
            return Check.Ok("messages", "no channel is set, so nobody is told of anything");
        }

        if ((await store.FindOldOutboxAsync(Now - OldMessage, CancellationToken.None) ?? await store.FindLateNotificationsAsync(Now - OldMessage, CancellationToken.None)) is { } old)
        {
            return Check.Error("messages", $"{old.Number} were not sent, the oldest {Words.Ago(old.Since, Now)}", "A server sends them. Start one, or see in its log why it cannot.", "orc serve");
        }

        return await store.FindFailedNotificationsAsync(Now - Recent, CancellationToken.None) is { } failed
            ? Check.Warning("messages", $"{failed.Number} were given up in the last day", "Their channel did not take them. Try it when it is mended.", "orc notifications list --status failed")
            : Check.Ok("messages", "none waits");
    }

    private async Task<Check> CheckSchedulesAsync()
    {
        var paused = (await session.Stores.Triggers.ListAsync(null, Most, CancellationToken.None)).Where(trigger => trigger.PausedAt is not null || trigger.PipelinePausedAt is not null).ToArray();
        return paused.Length > 0
            ? Check.Warning(
                "schedules", $"{paused.Length} paused: {Some(paused.Select(trigger => $"{trigger.Pipeline}/{trigger.Name}{(trigger.PauseReason is { } reason ? $" ({reason})" : "")}"))}", "Nothing starts by them until somebody lets them go on.",
                $"orc schedules resume {paused[0].Pipeline}")
            : Check.Ok("schedules", "none is paused");
    }

    private async Task<Check> CheckTicksAsync()
    {
        if (await store.ListLateTicksAsync(Now - Late, CancellationToken.None) is [var first, ..] late)
        {
            return Check.Error("starts", $"{late.Sum(tick => tick.Number)} are due and were not made: {Some(late.Select(tick => $"{tick.Pipeline}/{tick.Name}"))}", "No server runs schedules on this database, or it cannot. Start one, or see its log.", $"orc schedules history {first.Pipeline}");
        }

        var trouble = await store.ListTroubledTicksAsync(Now - Recent, CancellationToken.None);
        return trouble.Count > 0
            ? Check.Warning("starts", $"in the last day: {Some(trouble.Select(tick => $"{tick.Number} {tick.Decision} of {tick.Pipeline}/{tick.Name}"))}", "Missed: nobody was there. Failed: the run could not be started.", $"orc schedules history {trouble[0].Pipeline}")
            : Check.Ok("starts", "none was missed or failed in the last day");
    }

    private async Task<Check> CheckRetentionAsync()
    {
        var duty = (await new Duties(session.Database).ListAsync(CancellationToken.None)).FirstOrDefault(one => one.Name == "retention");
        if (await new RetentionStore(session.Database).ListCondemnedAsync(CancellationToken.None) is [var half, ..] && (duty is null || duty.LeaseUntil < Now))
        {
            return Check.Warning("retention", $"the removal of run {half} was interrupted", "Go on with it.", "orc retention apply");
        }

        return session.Retention.Every is { } every && duty is not null && duty.NextAt + every < Now
            ? Check.Warning("retention", $"it was due {Words.Ago(duty.NextAt, Now)} and nobody did it", "A server does it. Start one, or do it by hand.", "orc retention apply")
            : Check.Ok("retention", duty?.EndedAt is { } at ? $"last done {Words.Ago(at, Now)}" : "never done");
    }

    private static string Some<T>(IEnumerable<T> things) => string.Join(", ", things.Take(3)) + (things.Skip(3).Any() ? ", …" : "");
}
