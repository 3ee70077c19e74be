using System.Text.Json;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Schedules;

/// <summary>Tells triggers of what happens, in the transaction that makes it true: a trigger never hears of what was undone, and never misses what was not.</summary>
public static class Signals
{
    /// <summary>A run of a pipeline has ended; the subject is the pipeline.</summary>
    public const string RunEnded = "run-ended";

    /// <summary>A version of a dataset was made; the subject is the dataset.</summary>
    public const string DatasetUpdated = "dataset-updated";

    /// <summary>An alias of a model was moved; the subject is <c>MODEL@ALIAS</c>.</summary>
    public const string AliasMoved = "alias-moved";

    /// <summary>A file appeared or changed; the subject is the trigger that looks for it, and the pattern that it fits.</summary>
    public const string FileAppeared = "file-appeared";

    /// <summary>A request came in; the subject is <c>WEBHOOK#SECRET</c>, with the name of the secret that signed it.</summary>
    public const string WebhookCalled = "webhook-called";

    /// <summary>An alert was raised, or raised higher; the subject is the alert's name.</summary>
    public const string AlertRaised = "alert-raised";

    public static string SubjectOf(string model, string alias) => $"{model}@{alias}";

    /// <summary>Stored only when a trigger waits for it.</summary>
    /// <returns>False: none does, or it was told before.</returns>
    public static async Task<bool> AddAsync(IWriteSession session, NewSignal signal, CancellationToken cancellation) => await session.ExecuteAsync(
        TriggerStore.Sql["add_signal"],
        new { kind = signal.Topic.Kind, subject = signal.Topic.Subject, payload = signal.Payload, now = signal.At, once = signal.Once },
        cancellation) > 0;

    /// <summary>The same, with a payload of any type.</summary>
    public static Task<bool> AddAsync<T>(IWriteSession session, string kind, string subject, T payload, DateTimeOffset at, CancellationToken cancellation) => AddAsync(
        session, new NewSignal { Topic = new SignalTopic(kind, subject), Payload = JsonSerializer.SerializeToElement(payload, Core.Values.OrcJson.Options), At = at }, cancellation);
}
