using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Runtime;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Lanes;
using Orchestrator.Runtime.Logs;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Activities.Tests.Commands;

/// <summary>Runs one activity in the real command lane, over a home of their own.</summary>
internal sealed class CommandEnvironment : IAsyncDisposable, IAttemptObserver
{
    private readonly string root = Directory.CreateTempSubdirectory("orc-command-").FullName;
    private readonly ServiceProvider provider;
    private readonly ActivityDescriptor descriptor;
    private int attempts;

    public CommandEnvironment() : this(typeof(Activities.Commands.RunCommand))
    {
    }

    public CommandEnvironment(Type activity)
    {
        descriptor = ActivityDescriptor.Of(activity);
        BaseDirectory = Directory.CreateDirectory(Path.Combine(root, "pipeline")).FullName;
        provider = new ServiceCollection()
            .AddSingleton(OrcHome.Open(Path.Combine(root, "home")))
            .AddSingleton(new LaneOptions { ProgramGrace = TimeSpan.FromMilliseconds(200) })
            .AddSingleton<ISecretSource>(new FixedSecrets())
            .AddLanes()
            .BuildServiceProvider();
    }

    public string BaseDirectory { get; }

    public CancellationTokenSource Stop { get; } = new();

    public AttemptInfo Last { get; private set; } = null!;

    public AttemptLogs Logs => provider.GetRequiredService<AttemptLogs>();

    public string WriteFile(string name, string text)
    {
        var path = Path.Combine(BaseDirectory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string WriteProgram(string name, string text)
    {
        var path = WriteFile(name, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <summary>Runs with inputs as a JSON definition has them.</summary>
    public async Task<AttemptResult> RunAsync(string with, TimeSpan? timeout = null)
    {
        var inputs = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(with, OrcJson.Options)!;
        var number = Interlocked.Increment(ref attempts);
        Last = new AttemptInfo
        {
            Id = new AttemptId($"a{number}"),
            Run = new RunId("RUN1"),
            Pipeline = "test",
            Definition = new DefinitionHash(new string('0', 64)),
            Task = new TaskName("step"),
            Number = number,
        };
        using var log = Logs.Open(Last);
        var lane = provider.GetServices<ILane>().Single(lane => lane.Kind == descriptor.Lane);
        return await lane.RunAsync(
            new AttemptRequest { Attempt = Last, Activity = descriptor, Inputs = inputs, BaseDirectory = BaseDirectory, Log = log, Timeout = timeout, Secrets = [new(SecretSource.Any, "TOKEN")] },
            this,
            Stop.Token,
            CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async Task<IReadOnlyDictionary<string, JsonElement>> OutputsAsync(string with) => await RunAsync(with) is var result && result is AttemptResult.Succeeded succeeded
        ? succeeded.Outputs
        : throw new AssertionException(result.ToString());

    public async Task<Failure> FailureAsync(string with, TimeSpan? timeout = null) => await RunAsync(with, timeout) is var result && result is AttemptResult.Failed failed
        ? failed.Failure
        : throw new AssertionException(result.ToString());

    public async Task<List<string>> LogAsync()
    {
        var lines = new List<string>();
        await foreach (var line in Logs.ReadAsync(LogKey.Of(Last)))
        {
            lines.Add(line.Text);
        }

        return lines;
    }

    public void OnProgress(double? fraction, string? message)
    {
    }

    public void OnHeartbeat()
    {
    }

    public async ValueTask DisposeAsync()
    {
        await provider.DisposeAsync();
        Stop.Dispose();
        Directory.Delete(root, recursive: true);
    }
}

/// <summary>Has one secret, TOKEN.</summary>
internal sealed class FixedSecrets : ISecretSource
{
    public const string Token = "s3cr3t-Token";

    public SecretSource Kind => SecretSource.Store;

    public Task<string?> FindAsync(string name, bool pinned, CancellationToken cancellation) => Task.FromResult(name == "TOKEN" ? Token : null);

    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>(["TOKEN"]);
}
