using Microsoft.Extensions.Time.Testing;
using Orchestrator.Core.Values;
using Orchestrator.Notifications.Channels;
using Orchestrator.Notifications.Configuration;
using Orchestrator.Notifications.Sending;
using Orchestrator.Notifications.Tests.Channels;
using Orchestrator.Runtime.Outgoing;
using Orchestrator.Storage;
using Orchestrator.Storage.Alerts;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Notifications;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Notifications.Tests.Sending;

/// <summary>A real database, a clock that stands still, and notifiers over it, as many as a test likes: each has a connection of its own, as a process would.</summary>
internal sealed class NotifierHome : IAsyncDisposable
{
    private readonly List<OrcDatabase> databases = [];
    private readonly string? file;

    private NotifierHome(string url, string? file) => (Url, this.file) = (url, file);

    public string Url { get; }

    public FakeTimeProvider Clock { get; } = new(Given.Now);

    public EngineStores Stores { get; private set; } = null!;

    public static async Task<NotifierHome> CreateAsync(string dialect = "sqlite")
    {
        var file = dialect == "sqlite" ? Path.Combine(Directory.CreateTempSubdirectory("orc-notify-").FullName, "orc.db") : null;
        var home = new NotifierHome(file is null ? PostgreSqlServer.Instance.CreateUrl() : $"sqlite:{file}", file);
        home.Stores = await home.OpenAsync();
        return home;
    }

    public async Task<EngineStores> OpenAsync()
    {
        var database = await OrcDatabase.OpenAsync(Url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        databases.Add(database);
        return new EngineStores(database, []);
    }

    public NotifierParts Parts(NotificationSettings settings, IChannel? channel = null, SendingLimits? limits = null, EngineStores? stores = null) => new()
    {
        Stores = stores ?? Stores,
        Channels = Given.Book(settings, Given.Vault(("HOOK", "key")), limits, Clock),
        Time = Clock,
        Draw = () => 0.999999,
        Open = channel is null ? null : _ => channel,
    };

    /// <summary>A cause: an alert whose subject nobody else has.</summary>
    public Task<RaisedAlert> RaiseAsync(string subject, Core.Definitions.AlertSeverity severity = Core.Definitions.AlertSeverity.Warning) =>
        Stores.Alerts.RaiseAsync(new NewAlert { Name = "drift", Subject = subject, Severity = severity, Reason = "because", By = "test" }, Clock, null, CancellationToken.None);

    public async Task<NotificationInfo[]> ListAsync() => [.. (await Stores.Notifications.ListAsync(new NotificationFilter { Limit = 1000 }, CancellationToken.None)).Reverse()];

    /// <summary>One look, as the service does it, to the end of everything that goes out.</summary>
    public static async Task LookAsync(NotifierCore core)
    {
        await core.PlanAsync(CancellationToken.None);
        while (await core.ListDueAsync(new Dictionary<string, string>(), CancellationToken.None) is { Count: > 0 } due)
        {
            await Task.WhenAll(due.Select(one => core.SendAsync(one, CancellationToken.None)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var database in databases)
        {
            await database.DisposeAsync();
        }

        if (file is null)
        {
            PostgreSqlServer.Instance.Remove(Url);
        }
        else
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}

/// <summary>A channel that remembers what it took, and refuses when it is told to.</summary>
internal sealed class FakeChannel : IChannel
{
    private readonly List<Message> taken = [];

    public IReadOnlyList<Message> Taken
    {
        get
        {
            lock (taken)
            {
                return [.. taken];
            }
        }
    }

    /// <summary>Asked before each message is taken.</summary>
    public Func<Message, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public async Task SendAsync(Message message, CancellationToken cancellation)
    {
        await Before(message, cancellation);
        lock (taken)
        {
            taken.Add(message);
        }
    }
}
