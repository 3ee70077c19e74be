using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Schedules;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.People;
using Orchestrator.Server.Access;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Pipelines;
using Orchestrator.Server.Problems;
using Orchestrator.Server.Working;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Definitions;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Server.Runs;

/// <summary>Makes runs of wishes: looks up the definition, binds parameters, and sees that a request that comes twice is one run.</summary>
internal sealed class RunStarts(ServerParts parts, ServerOptions options, RunKeeper keeper, RunDesk desk, RunAccess access, EarlierResults earlier, PipelineRegistrar registrar)
{
    private const int LongestKey = 200;

    /// <summary>A registered pipeline with one of its definitions, and the folder of it.</summary>
    /// <exception cref="ProblemException">There is no such pipeline (ORC6030) or version (ORC6033), or the caller may not (ORC6022).</exception>
    public async Task<(PipelineInfo Pipeline, string Folder, StoredDefinition Stored, PipelineDefinition Definition)> FindAsync(Caller caller, string name, int? version, Permission permission, CancellationToken cancellation)
    {
        if (await parts.Stores.Pipelines.FindAsync(name, cancellation) is not { IsRemoved: false } pipeline || !caller.May(Permission.Read, pipeline.Project))
        {
            throw ServerErrors.NoSuchPipeline(name);
        }

        caller.Check(permission, pipeline.Project);
        var (hash, folder) = version is not { } number || number == pipeline.Version ? (pipeline.Hash, pipeline.BaseDirectory)
            : await parts.Stores.Pipelines.FindVersionAsync(pipeline.Name, number, cancellation) is { } older ? (older.Hash, older.BaseDirectory)
            : throw ServerErrors.NoSuchVersion(pipeline.Name, $"{number}");
        var stored = await parts.Stores.Definitions.FindAsync(hash, cancellation) ?? throw new InvalidOperationException($"the definition {hash} of {pipeline.Name} is not stored");
        return (pipeline, folder, stored, DefinitionReader.Load(stored.Json));
    }

    /// <summary>The project and the start that a wish stands for.</summary>
    /// <exception cref="ProblemException">There is no such pipeline (ORC6030) or version (ORC6033), the definition is wrong (ORC6032), the parameters are (ORC6042), or the date is none (ORC6053).</exception>
    public async Task<(string Project, RunStart Start)> ReadAsync(Caller caller, StartRun wish, Permission permission, CancellationToken cancellation)
    {
        var (project, start) = (wish.Pipeline, wish.Json) switch
        {
            ({ } name, null) => await OfRegisteredAsync(caller, name, wish, permission, cancellation),
            (null, { } json) => await OfDefinitionAsync(caller, json, wish, permission, cancellation),
            _ => throw ServerErrors.OneOfTwo("\"pipeline\"", "\"json\""),
        };
        foreach (var (task, run) in wish.Pin ?? ImmutableDictionary<string, string>.Empty)
        {
            // JSON knows null where the type does not.
            start = await earlier.PinAsync(start, ServerErrors.Shorten(task), (await access.FindAsync(caller, run ?? "", Permission.Read, cancellation)).Info, cancellation);
        }

        if (wish.From is { } from)
        {
            (start, _) = await earlier.TakeOverAsync(start, TasksOf(new PipelineGraph(start.Pipeline), [from]).Single(), cancellation);
        }

        return (project, start);
    }

    private async Task<(string Project, RunStart Start)> OfRegisteredAsync(Caller caller, string name, StartRun wish, Permission permission, CancellationToken cancellation)
    {
        var (pipeline, folder, stored, definition) = await FindAsync(caller, name, wish.Version, permission, cancellation);
        return (pipeline.Project, StartOf(definition, stored, folder, wish) with { Trigger = TriggerOf(caller, definition, wish.LogicalDate) });
    }

    /// <summary>Whoever may register a definition may run it as well without: it is the same code on the same machine.</summary>
    private async Task<(string Project, RunStart Start)> OfDefinitionAsync(Caller caller, JsonElement json, StartRun wish, Permission permission, CancellationToken cancellation)
    {
        if (wish.Version is not null)
        {
            throw ServerErrors.OneOfTwo("\"version\"", "\"json\"");
        }

        if (!caller.MaySomewhere(Permission.Register))
        {
            throw ServerErrors.NotAllowed(caller.Name, Roles.Words(Permission.Register), null);
        }

        var read = await registrar.ReadAsync(new SourceText("<pipeline>", json.GetRawText()), isScript: false, cancellation);
        if (read.Definition is not { } definition)
        {
            throw ServerErrors.WrongDefinition("the pipeline", read.Diagnostics);
        }

        var project = await access.ProjectOfAsync(definition.Name, cancellation);
        caller.Check(permission, project);
        caller.Check(Permission.Register, project);
        ScriptText[] scripts = [.. (wish.Scripts ?? []).OfType<ScriptText>()];
        if (scripts.Length > 0)
        {
            caller.Check(Permission.RegisterScripts, project);
        }

        var start = StartOf(definition, null, BaseFolders.Of(caller, wish.BaseDirectory, options), wish);
        string? main = null;
        foreach (var script in permission == Permission.Read ? [] : scripts)
        {
            var kept = await parts.Artifacts.AddTextAsync(script.Text, Path.GetFileName(script.Name), "text/x-csharp", cancellation);
            main ??= kept.Hash;
        }

        return (project, start with
        {
            Definition = StoredOf(definition, main),
            // A run of nothing that is registered is for no time, unless one is given, as without a server.
            Trigger = wish.LogicalDate is null ? null : TriggerOf(caller, definition, wish.LogicalDate),
        });
    }

    private StoredDefinition StoredOf(PipelineDefinition definition, string? script) => new()
    {
        Hash = DefinitionWriter.Hash(definition), Pipeline = definition.Name, Json = DefinitionWriter.ToJson(definition), SourceKind = script is null ? "api" : "script", ScriptArtifact = script, CreatedAt = parts.Time.GetUtcNow(),
    };

    private RunStart StartOf(PipelineDefinition definition, StoredDefinition? stored, string folder, StartRun wish)
    {
        var graph = new PipelineGraph(definition);
        return new RunStart
        {
            Pipeline = definition,
            Definition = stored ?? StoredOf(definition, null),
            Params = Bind(definition, wish.Params ?? ImmutableDictionary<string, JsonElement>.Empty),
            BaseDirectory = folder,
            Skip = [.. TasksOf(graph, wish.Skip)],
            Refresh = [.. TasksOf(graph, wish.Refresh).SelectMany(name => graph.Members(graph[name].Index)).Select(index => graph.Nodes[index].Definition.Name)],
        };
    }

    /// <summary>A date as people write it, in the time of the pipeline's first schedule.</summary>
    /// <exception cref="ProblemException">It is none (ORC6053), or of a zone that this machine does not know (ORC6044).</exception>
    public static DateTimeOffset DateOf(PipelineDefinition pipeline, string text, string member)
    {
        try
        {
            return LogicalDates.TryParse(pipeline, text, out var date) ? date : throw ServerErrors.WrongDate(member, text);
        }
        catch (TimeZoneNotFoundException)
        {
            throw ServerErrors.UnknownZone(pipeline.Triggers.OfType<TimeTrigger>().FirstOrDefault()?.Zone ?? "");
        }
    }

    /// <summary>Starts it, once for each key of a caller.</summary>
    /// <exception cref="ProblemException">The key was used for something else (ORC6040), or is none (ORC6041).</exception>
    /// <param name="context">The request.</param>
    /// <param name="project">The pipeline's.</param>
    /// <param name="start">What to start.</param>
    /// <param name="parent">The run that was asked for by its name as the parent; null: none was, though one may have been found.</param>
    /// <param name="action">For the audit log.</param>
    /// <param name="details">For the audit log.</param>
    public async Task<(RunInfo Run, bool IsNew)> StartAsync(HttpContext context, string project, RunStart start, RunId? parent, string action, object? details)
    {
        var caller = context.GetCaller();
        var key = KeyOf(context);
        var now = parts.Time.GetUtcNow();
        var submitted = await keeper.StartAsync(
            start with
            {
                // One caller's keys are not another's.
                IdempotencyKey = key is null ? null : $"api:{caller.Via}:{caller.Name}:{key}",
                Also = (session, token) => AuditLog.AppendAsync(session, caller.Did(action, $"pipeline {start.Pipeline.Name}", project, now, details), token),
            },
            context.RequestAborted);
        return submitted.IsNew || IsSame(submitted.Run, start, parent) ? (submitted.Run, submitted.IsNew) : throw ServerErrors.KeyReused(key ?? "");
    }

    /// <summary>The start that repeats a run.</summary>
    public async Task<RunStart> RepeatAsync(SeenRun run, RetryRun wish, CancellationToken cancellation) => await RunRepeats.StartOfAsync(
        run.Info, new RepeatWish { From = wish.From, Only = wish.Only }, desk, parts.Stores.Definitions,
        (pipeline, earlier) => Bind(pipeline, earlier.SetItems(wish.Params ?? ImmutableDictionary<string, JsonElement>.Empty)), cancellation);

    private static ImmutableSortedDictionary<string, JsonElement> Bind(PipelineDefinition pipeline, IReadOnlyDictionary<string, JsonElement> given)
    {
        var bound = ParameterBinder.Bind(pipeline, given);
        return bound.Values is { } values ? values.ToImmutableSortedDictionary(StringComparer.Ordinal) : throw ServerErrors.WrongValues(pipeline.Name, bound.Diagnostics);
    }

    private static IEnumerable<TaskName> TasksOf(PipelineGraph graph, IReadOnlyList<string>? names) => (names ?? []).Select(name => new TaskName(name)).Select(name =>
        graph.Contains(name) && !name.IsInternal ? name : throw EngineErrors.NoSuchTask(graph.Definition, new TaskName(ServerErrors.Shorten(name.Value))));

    /// <summary>The key of a request that may be sent again; null: it has none.</summary>
    /// <exception cref="ProblemException">It is none (ORC6041).</exception>
    public static string? KeyOf(HttpContext context)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        return key.Length == 0 ? null : key.Length <= LongestKey && key.All(letter => letter is > ' ' and <= '~') ? key : throw ServerErrors.WrongKey();
    }

    private static RunTrigger TriggerOf(Caller caller, PipelineDefinition pipeline, string? logicalDate)
    {
        var manual = new RunTrigger { Kind = TriggerKind.Manual, By = caller.Name };
        if (logicalDate is null)
        {
            return manual;
        }

        var date = DateOf(pipeline, logicalDate, "logicalDate");
        return manual with { LogicalDate = date, Interval = LogicalDates.IntervalOf(pipeline, date) };
    }

    /// <summary>The definition may be a newer one when a request is sent again, and so may the run whose results are taken over; what was asked for is the same.</summary>
    private static bool IsSame(RunInfo run, RunStart start, RunId? parent) =>
        run.Pipeline == start.Pipeline.Name && (parent is null || run.Parent == parent) && JsonElement.DeepEquals(run.Params, OrcJson.ToElement(start.Params))
        && (run.Trigger is { } trigger ? OrcJson.FromElement<RunTrigger>(trigger).LogicalDate : null) == start.Trigger?.LogicalDate;
}
