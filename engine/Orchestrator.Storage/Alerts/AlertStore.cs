using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Identifiers;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Storage.Alerts;

/// <summary>
/// Alerts: the seam by which monitors, pipelines and people say that something wants attention. Whoever raises one writes no message and starts no run: the alert, the signal to triggers
/// that wait for it, and the wish that people are told are stored together.
/// </summary>
/// <remarks>While an alert is open, the same one (project, name and subject) raised again is counted, and is news only when it is worse than before.</remarks>
public sealed class AlertStore(OrcDatabase database)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(AlertStore).Assembly, "", "alerts");

    /// <param name="alert">Without a <see cref="NewAlert.Problem"/>.</param>
    /// <param name="time">The time.</param>
    /// <param name="audit">Written with it; null: nothing is.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public Task<RaisedAlert> RaiseAsync(NewAlert alert, TimeProvider time, AuditEntry? audit, CancellationToken cancellation)
    {
        var (id, now) = (Ids.New(time), time.GetUtcNow());
        return database.WriteAsync(
            async (session, token) =>
            {
                var raised = await RaiseAsync(session, alert, id, now, token);
                await AppendAsync(session, audit is null ? null : audit with { Target = $"alert {raised.Alert.Id}" }, token);
                return raised;
            },
            cancellation);
    }

    /// <summary>Raises it inside somebody's transaction: it is there when what it tells of is.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="alert">Without a <see cref="NewAlert.Problem"/>.</param>
    /// <param name="id">Its identifier, should it be a new one: the same whenever the operation is run again.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public static async Task<RaisedAlert> RaiseAsync(IWriteSession session, NewAlert alert, string id, DateTimeOffset now, CancellationToken cancellation)
    {
        if (alert.Problem is { } problem)
        {
            throw new ArgumentException(problem, nameof(alert));
        }

        var open = await session.FindAsync<AlertInfo>(Sql["find_open_alert"], new { project = alert.Project, name = alert.Name, subject = alert.Subject }, cancellation);
        var rises = open is not null && alert.Severity > AlertSeverities.Parse(open.Severity);
        var severity = open is null || rises ? AlertSeverities.Of(alert.Severity) : open.Severity;
        var args = new
        {
            id = open?.Id ?? id, project = alert.Project, name = alert.Name, subject = alert.Subject, severity, reason = alert.Reason, details = alert.Details, runId = alert.Run, by = alert.By, now, rises,
        };
        await session.ExecuteAsync(Sql[open is null ? "insert_alert" : "raise_again"], args, cancellation);
        var stored = await FindAsync(session, args.id, cancellation) ?? throw new InvalidOperationException($"alert {args.id} was written and is not there");
        if (open is null || rises)
        {
            await TellAsync(session, stored, now, cancellation);
        }

        return new RaisedAlert(stored, open is null || rises);
    }

    public Task<AlertInfo?> FindAsync(string id, CancellationToken cancellation) => database.ReadAsync((session, token) => FindAsync(session, id, token), cancellation);

    /// <summary>At most ten, newest first.</summary>
    public Task<IReadOnlyList<AlertInfo>> FindByPrefixAsync(string prefix, CancellationToken cancellation) =>
        database.ReadAsync((session, token) => session.QueryAsync<AlertInfo>(Sql["find_alerts_by_prefix"], new { prefix, limit = 10 }, token), cancellation);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<AlertInfo>> ListAsync(AlertFilter filter, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.Limit, 1);
        var projects = filter.Projects is null ? null : JsonSerializer.Serialize(filter.Projects, OrcJson.Options);
        return database.ReadAsync(
            (session, token) => session.QueryAsync<AlertInfo>(Sql["list_alerts"], new { all = filter.All, name = filter.Name, projects, before = filter.Before, limit = filter.Limit }, token), cancellation);
    }

    /// <summary>Somebody looks at it. Its next rise to a worse severity asks for eyes again.</summary>
    /// <returns>False: it is closed, somebody looks at it already, or there is none.</returns>
    public Task<bool> AcknowledgeAsync(string id, string by, string? comment, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellation) =>
        ChangeAsync("acknowledge_alert", id, by, comment, now, audit, cancellation);

    /// <summary>It is over. Raised again, it is a new one.</summary>
    /// <returns>False: it is closed already, or there is none.</returns>
    public Task<bool> CloseAsync(string id, string by, string? comment, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellation) =>
        ChangeAsync("close_alert", id, by, comment, now, audit, cancellation);

    private Task<bool> ChangeAsync(string statement, string id, string by, string? comment, DateTimeOffset now, AuditEntry? audit, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            if (await session.ExecuteAsync(Sql[statement], new { id, by, comment, now }, token) == 0)
            {
                return false;
            }

            await AppendAsync(session, audit, token);
            return true;
        },
        cancellation);

    private static Task AppendAsync(IWriteSession session, AuditEntry? audit, CancellationToken cancellation) => audit is null ? Task.CompletedTask : AuditLog.AppendAsync(session, audit, cancellation);

    private static Task<AlertInfo?> FindAsync(IReadSession session, string id, CancellationToken cancellation) => session.FindAsync<AlertInfo>(Sql["find_alert"], new { id }, cancellation);

    /// <summary>Triggers hear of it by a signal, people by a notice.</summary>
    private static async Task TellAsync(IWriteSession session, AlertInfo alert, DateTimeOffset now, CancellationToken cancellation)
    {
        var happened = OrcJson.ToElement(new
        {
            alert = alert.Name, alert.Id, alert.Project, alert.Subject, alert.Severity, alert.Reason, alert.Details, run = alert.RunId, by = alert.RaisedBy, alert.Times,
        });
        await Signals.AddAsync(session, new NewSignal { Topic = new SignalTopic(Signals.AlertRaised, alert.Name), Payload = happened, At = now }, cancellation);
        await session.ExecuteAsync(Sql["tell_raised"], new { payload = happened, now }, cancellation);
    }
}
