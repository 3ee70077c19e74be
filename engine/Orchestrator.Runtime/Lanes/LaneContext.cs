using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Runtime.Lanes;

/// <summary>What stays the same for all attempts of one lane.</summary>
internal sealed record LaneServices
{
    public required string LaneName { get; init; }

    public required IServiceProvider Ports { get; init; }

    public required IArtifactStore Artifacts { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>What is to be done in one attempt, in whatever process.</summary>
internal sealed record AttemptWork
{
    private bool folderMade;

    public required AttemptInfo Attempt { get; init; }

    public required ActivityDescriptor Activity { get; init; }

    public required IReadOnlyDictionary<string, JsonElement> Inputs { get; init; }

    public required string BaseDirectory { get; init; }

    /// <summary>The path of the attempt's folder, which is made when the activity first asks for it.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>True once the folder was asked for.</summary>
    public bool FolderMade { get => Volatile.Read(ref folderMade); set => Volatile.Write(ref folderMade, value); }

    public IReadOnlyList<ItemResult> Items { get; init; } = [];

    public required int MaxOutputBytes { get; init; }

    public RevealedSecrets Secrets { get; init; } = RevealedSecrets.None;

    /// <returns>Null, or why the home has no place for the attempt.</returns>
    public static Failure? TryMake(AttemptRequest request, OrcHome home, LaneOptions options, out AttemptWork work)
    {
        work = Of(request, options, "");
        try
        {
            work = work with { WorkingDirectory = home.WorkFolderOf(request.Attempt.Id) };
            return null;
        }
        catch (ActivityException unwritable)
        {
            return unwritable.Failure;
        }
    }

    private static AttemptWork Of(AttemptRequest request, LaneOptions options, string folder) => new()
    {
        MaxOutputBytes = (int?)request.Limits?.OutputInBytes ?? options.MaxOutputBytes,
        Attempt = request.Attempt,
        Activity = request.Activity,
        Inputs = request.Inputs,
        BaseDirectory = request.BaseDirectory,
        WorkingDirectory = folder,
        Items = request.Items,
        Secrets = request.Revealed,
    };
}

/// <summary>The context that activities get in every lane.</summary>
internal sealed class LaneContext(AttemptWork work, LaneServices services, IAttemptSink sink, IServiceProvider? ownPorts, CancellationToken stop) : ActivityContext
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, JsonElement> outputs = [];

    public override AttemptInfo Attempt => work.Attempt;

    public override CancellationToken Cancellation => stop;

    public override TimeProvider Time => services.Time;

    public override int MaxOutputBytes => work.MaxOutputBytes;

    public override IArtifactStore Artifacts => services.Artifacts;

    public override string BaseDirectory => work.BaseDirectory;

    public override IReadOnlyList<ItemResult> Items => work.Items;

    /// <summary>Made on first use: most light tasks need none, and making and removing a folder costs more than they do.</summary>
    public override string WorkingDirectory
    {
        get
        {
            lock (gate)
            {
                if (!work.FolderMade)
                {
                    // Said before it is so: whoever removes it may look too early, and never in vain.
                    work.FolderMade = true;
                    FileNames.CreatePrivateFolder(work.WorkingDirectory);
                }
            }

            return work.WorkingDirectory;
        }
    }

    public override string Reveal(SecretText text) => text.Reveal(secret => work.Secrets.Get(secret, work.Attempt.Task.Value));

    public override void Log(LogSeverity severity, string message) => sink.Log(severity, message);

    public override void Progress(double? fraction, string? message = null) =>
        sink.Progress(fraction is { } given && !double.IsNaN(given) ? Math.Clamp(given, 0, 1) : null, message);

    public override void Record<T>(T fact) => sink.Fact(new RecordedFact(T.Kind, OrcJson.ToElement(fact)));

    public override T Port<T>() => ownPorts?.GetService(typeof(T)) as T
        ?? services.Ports.GetService(typeof(T)) as T
        ?? throw RuntimeErrors.NoPort(typeof(T), services.LaneName);

    /// <summary>The outputs at the end of the attempt.</summary>
    public IReadOnlyDictionary<string, JsonElement> TakeOutputs()
    {
        lock (gate)
        {
            return new Dictionary<string, JsonElement>(outputs);
        }
    }

    protected override void SetOutput(string name, JsonElement value)
    {
        lock (gate)
        {
            outputs[name] = value;
        }
    }
}
