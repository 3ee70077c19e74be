using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Testing;

/// <summary>
/// Runs one activity in a test, with a harmless default for everything around it: a temporary folder, artifacts in it, a fixed clock.
/// What the attempt leaves (outputs, facts, log lines) is there to look at afterwards.
/// </summary>
public sealed class ActivityEnvironment : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("orc-activity-").FullName;
    private readonly Dictionary<Type, object> ports = [];

    public ActivityEnvironment()
    {
        BaseDirectory = Directory.CreateDirectory(Path.Combine(root, "base")).FullName;
        Artifacts = new FolderArtifacts(Directory.CreateDirectory(Path.Combine(root, "artifacts")).FullName);
    }

    /// <summary>What relative paths are relative to. An empty folder unless the test sets another.</summary>
    public string BaseDirectory { get; set; }

    public IArtifactStore Artifacts { get; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public CancellationToken Cancellation { get; set; }

    /// <summary>The finished items that the reduce of a mapped activity sees.</summary>
    public IReadOnlyList<ItemResult> Items { get; set; } = [];

    /// <summary>The outputs of the last attempt, by name.</summary>
    public Dictionary<string, JsonElement> Outputs { get; } = [];

    /// <summary>The facts of the last attempt, in order.</summary>
    public List<object> Facts { get; } = [];

    /// <summary>The log of the last attempt.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>The messages of <see cref="ActivityContext.Progress"/> of the last attempt.</summary>
    public List<(double? Fraction, string? Message)> ProgressMessages { get; } = [];

    /// <summary>Gives activities a port.</summary>
    public ActivityEnvironment With<T>(T port) where T : class
    {
        ports[typeof(T)] = port;
        return this;
    }

    /// <summary>Writes a file under <see cref="BaseDirectory"/> and answers its full path.</summary>
    public string WriteFile(string name, string text)
    {
        var path = Path.Combine(BaseDirectory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs an activity as a pipeline would: bindings resolved (no expression may be in them), then executed. Its failure is thrown.</summary>
    public async Task RunAsync(Activity activity, int attempt = 1)
    {
        Outputs.Clear();
        Facts.Clear();
        Lines.Clear();
        ProgressMessages.Clear();
        var descriptor = ActivityDescriptor.Of(activity.GetType());
        var instance = descriptor.Create();
        descriptor.Bind(instance, descriptor.ReadBindings(activity));
        var work = Directory.CreateDirectory(Path.Combine(root, "work", Guid.NewGuid().ToString("N"))).FullName;
        await ActivityRunner.ExecuteAsync(instance, new Context(this, work, attempt));
    }

    /// <summary>The value of an output of the last attempt.</summary>
    public T Output<T>(string name) => Outputs.TryGetValue(name, out var value)
        ? OrcJson.FromElement<T>(value)
        : throw new KeyNotFoundException($"The attempt set no output \"{name}\". It set: {string.Join(", ", Outputs.Keys)}.");

    public void Dispose()
    {
        try
        {
            Directory.Delete(root, recursive: true);
        }
        catch (IOException)
        {
            // A file that a native library still maps; the folder is temporary all the same.
        }
    }

    private sealed class Context(ActivityEnvironment owner, string workingDirectory, int number) : ActivityContext
    {
        public override AttemptInfo Attempt { get; } = new()
        {
            Id = new AttemptId($"attempt-{number}"),
            Run = new RunId("run-1"),
            Pipeline = "test",
            Definition = new DefinitionHash(new string('0', 64)),
            Task = new TaskName("task"),
            Number = number,
        };

        public override CancellationToken Cancellation => owner.Cancellation;

        public override TimeProvider Time => owner.Time;

        public override IArtifactStore Artifacts => owner.Artifacts;

        public override string WorkingDirectory => workingDirectory;

        public override string BaseDirectory => owner.BaseDirectory;

        public override IReadOnlyList<ItemResult> Items => owner.Items;

        public override void Log(LogSeverity severity, string message) => owner.Lines.Add(message);

        public override void Progress(double? fraction, string? message = null) => owner.ProgressMessages.Add((fraction, message));

        // Facts cross process borders as JSON; going through it here finds those that cannot.
        public override void Record<T>(T fact) => owner.Facts.Add(OrcJson.FromElement<T>(OrcJson.ToElement(fact)));

        public override T Port<T>() => owner.ports.TryGetValue(typeof(T), out var port)
            ? (T)port
            : throw new InvalidOperationException($"The test gave no {typeof(T).Name}; call With(…).");

        protected internal override void SetOutput(string name, JsonElement value) => owner.Outputs[name] = value;
    }
}
