using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Runtime.Workers;

namespace Orchestrator.Runtime.Tests.Hosting;

/// <summary>The lanes of an engine over a real home, with this assembly as the worker program.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private readonly ServiceProvider provider;
    private int attempts;

    public TestEngine(string home, Action<WorkerPoolOptions>? workers = null, Action<AttemptLogOptions>? logs = null, Action<LaneOptions>? lanes = null, IReadOnlyDictionary<string, string>? secrets = null)
    {
        // Without a spare worker, so that a test knows which processes there are.
        var pool = new WorkerPoolOptions { FileName = "dotnet", Arguments = [typeof(Program).Assembly.Location], MaxWorkers = 2, KeepSpare = false };
        workers?.Invoke(pool);
        var log = new AttemptLogOptions { FollowInterval = TimeSpan.FromMilliseconds(5) };
        logs?.Invoke(log);
        var lane = new LaneOptions();
        lanes?.Invoke(lane);
        provider = new ServiceCollection()
            .AddSingleton(_ => OrcHome.Open(home))
            .AddSingleton(pool)
            .AddSingleton(log)
            .AddSingleton(lane)
            .AddSingleton<ISecretSource>(new FixedSecrets(secrets ?? new Dictionary<string, string>()))
            .AddLanes()
            .BuildServiceProvider();
    }

    public OrcHome Home => provider.GetRequiredService<OrcHome>();

    public WorkerPool Pool => provider.GetRequiredService<WorkerPool>();

    public AttemptLogs Logs => provider.GetRequiredService<AttemptLogs>();

    public ILane Lane(Lane kind) => provider.GetServices<ILane>().Single(lane => lane.Kind == kind);

    /// <summary>Starts an attempt; it need not be the activity's own lane.</summary>
    public RunningAttempt Start(Activity activity, Lane? lane = null, TimeSpan? timeout = null, IReadOnlyList<SecretRef>? secrets = null, TaskLimits? limits = null)
    {
        var descriptor = ActivityDescriptor.Of(activity.GetType());
        return Start(descriptor, descriptor.ReadBindings(activity), lane ?? descriptor.Lane, timeout, secrets, limits);
    }

    public RunningAttempt Start(
        ActivityDescriptor descriptor, IReadOnlyDictionary<string, JsonElement> inputs, Lane lane, TimeSpan? timeout = null, IReadOnlyList<SecretRef>? secrets = null, TaskLimits? limits = null)
    {
        var number = Interlocked.Increment(ref attempts);
        var info = new AttemptInfo
        {
            Id = new AttemptId($"attempt-{number}"),
            Run = new RunId("run-1"),
            Pipeline = "test",
            Definition = new DefinitionHash(new string('0', 64)),
            Task = new TaskName("task"),
            Number = number,
        };
        var log = Logs.Open(info);
        var attempt = new RunningAttempt(info, log, this);
        attempt.Result = FinishAsync(Lane(lane).RunAsync(
            new AttemptRequest { Attempt = info, Activity = descriptor, Inputs = inputs, BaseDirectory = Home.Folder, Log = log, Timeout = timeout, Secrets = secrets ?? [], Limits = limits },
            attempt.Progress,
            attempt.Stop.Token,
            attempt.Kill.Token));
        return attempt;

        async Task<AttemptResult> FinishAsync(Task<AttemptResult> running)
        {
            using (log)
            {
                var result = await running;
                TestContext.Out.WriteLine(result is AttemptResult.Failed failed ? $"{info.Id}: {OrcJson.ToElement(failed.Failure)}" : $"{info.Id}: {result}");
                return result;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
    }
}

internal sealed class RunningAttempt(AttemptInfo info, AttemptLog log, TestEngine engine)
{
    public AttemptInfo Info { get; } = info;

    public AttemptLog Log { get; } = log;

    public Observer Progress { get; } = new();

    public CancellationTokenSource Stop { get; } = new();

    public CancellationTokenSource Kill { get; } = new();

    public Task<AttemptResult> Result { get; set; } = null!;

    /// <summary>The result, which must come within a time that no healthy machine needs.</summary>
    public Task<AttemptResult> EndAsync() => Result.WaitAsync(TimeSpan.FromSeconds(60));

    public async Task<Failure> FailureAsync() => await EndAsync() is AttemptResult.Failed failed
        ? failed.Failure
        : throw new AssertionException($"The attempt ended as {await EndAsync()}.\n{await LogTextAsync()}");

    public async Task<IReadOnlyDictionary<string, JsonElement>> OutputsAsync() => await EndAsync() is AttemptResult.Succeeded succeeded
        ? succeeded.Outputs
        : throw new AssertionException($"The attempt ended as {await EndAsync()}.\n{await LogTextAsync()}");

    public async Task<string> LogTextAsync()
    {
        var lines = new List<string>();
        await foreach (var line in engine.Logs.ReadAsync(LogKey.Of(Info)))
        {
            lines.Add(line.Text);
        }

        return string.Join('\n', lines);
    }
}

/// <summary>Hands an activity's progress to the test, in order: the named signals that tests wait for.</summary>
internal sealed class Observer : IAttemptObserver
{
    private readonly Channel<string> messages = Channel.CreateUnbounded<string>();

    public int Heartbeats;

    public void OnProgress(double? fraction, string? message) => messages.Writer.TryWrite(message ?? "");

    public void OnHeartbeat() => Interlocked.Increment(ref Heartbeats);

    public async Task<string> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await messages.Reader.ReadAsync(patience.Token);
    }
}

/// <summary>A store of secrets in memory.</summary>
internal sealed class FixedSecrets(IReadOnlyDictionary<string, string> secrets) : ISecretSource
{
    public SecretSource Kind => SecretSource.Store;

    public Task<string?> FindAsync(string name, bool pinned, CancellationToken cancellation) => Task.FromResult(secrets.GetValueOrDefault(name));

    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>([.. secrets.Keys]);
}
