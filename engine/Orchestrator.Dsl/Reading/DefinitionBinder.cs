using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>Makes a definition of a JSON tree. Reports what does not have the shape of a pipeline, and goes on with the rest.</summary>
internal static class DefinitionBinder
{
    public static PipelineDefinition? Bind(JsonSyntax root, ReadContext context)
    {
        if (root is JsonObjectSyntax file)
        {
            DuplicateNames.Check(root, context);
            return BindMembers(new ObjectReader(file, "", "the pipeline", context.Source.Span(root.Start, root.Start + 1), context), context, nameOtherwise: null);
        }

        if (!root.IsBroken)
        {
            context.Found.Add(DiagnosticCatalog.WrongShape.At(
                context.SpanOf(root), "not an object", $"a pipeline should be an object and is {root.Kind}", "Start with { \"name\": …, \"tasks\": { … } }."));
        }

        return null;
    }

    /// <summary>Makes a definition of an object, which is a file or stands in a task.</summary>
    /// <param name="reader">The object.</param>
    /// <param name="context">Shared by the file.</param>
    /// <param name="nameOtherwise">The name of one that has none; null: it must have one.</param>
    public static PipelineDefinition BindMembers(ObjectReader reader, ReadContext context, string? nameOtherwise)
    {
        reader.Text("$schema");
        var name = reader.Text("name");
        var title = reader.Text("title");
        var parameters = reader.Object("params", "\"params\"");
        var triggers = reader.List("triggers", "a list of triggers");
        var calendars = reader.Object("calendars", "\"calendars\"");
        var tasks = reader.Object("tasks", "\"tasks\"");
        var timeout = reader.Duration("timeout");
        var parallel = reader.Integer("parallel", minimum: 1);
        var deadline = TaskBinder.BindDeadline(reader.Object("deadline", "\"deadline\""));
        var concurrency = ConcurrencyBinder.Bind(reader.Object("concurrency", "\"concurrency\""));
        var outputs = reader.Object("outputs", "\"outputs\"");
        reader.End();
        name ??= nameOtherwise;
        if (name is null)
        {
            reader.Require("name", "Add \"name\": runs, endpoints and messages call the pipeline by it.");
        }

        if (tasks is null)
        {
            reader.Require("tasks", "Add \"tasks\": { \"first\": { \"uses\": … } }.");
        }

        return new PipelineDefinition
        {
            Name = name ?? "",
            Title = title,
            Params = [.. parameters?.Objects("parameter").Select(pair => BindParameter(pair.Member.Name, pair.Reader)) ?? []],
            Triggers = TriggerBinder.Bind(triggers, reader.At("triggers"), context),
            Calendars = TriggerBinder.BindCalendars(calendars),
            Tasks = [.. tasks?.Objects("task").Select(pair => TaskBinder.Bind(pair.Member.Name, pair.Reader, context)) ?? []],
            Timeout = timeout,
            Parallel = parallel,
            Deadline = deadline,
            Concurrency = concurrency,
            Outputs = TaskBinder.BindWith(outputs),
        };
    }

    private static ParameterDefinition BindParameter(string name, ObjectReader reader)
    {
        var type = reader.Word("type", ParameterType.Unknown, Words.Kebab<ParameterType>());
        var usual = reader.Any("default");
        var minimum = reader.Number("minimum");
        var maximum = reader.Number("maximum");
        var choices = reader.List("choices", "a list of legal values");
        var help = reader.Text("help");
        reader.End();
        if (type == ParameterType.Unknown)
        {
            reader.Require("type", $"Add \"type\": {Words.Or(Words.Kebab<ParameterType>().All)}.");
        }

        if (choices is { IsBroken: true })
        {
            reader.Break("choices");
        }

        return new ParameterDefinition
        {
            Name = name,
            Type = type,
            Default = usual,
            Minimum = minimum,
            Maximum = maximum,
            Help = help,
            Choices = choices is null or { IsBroken: true } ? [] : [.. choices.Items.Select(item => item.ToElement())],
        };
    }
}

/// <summary>Makes a task of its JSON.</summary>
internal static class TaskBinder
{
    public static TaskDefinition Bind(string name, ObjectReader reader, ReadContext context)
    {
        var pipeline = SubPipelineBinder.Bind(name, reader, context);
        var task = new TaskDefinition
        {
            Name = new(name),
            Uses = reader.Text("uses", "the name of an activity") ?? (pipeline is null ? "" : SubPipelineDefinition.Uses),
            Pipeline = pipeline,
            With = BindWith(reader.Object("with", "\"with\"")),
            Needs = [.. reader.Texts("needs").Select(need => new Core.Values.TaskName(need))],
            Rule = reader.Word("rule", JoinRule.AllSuccess, Words.Snake<JoinRule>()),
            When = reader.Text("when", "a text with an expression"),
            Map = MapBinder.Bind(reader.Object("map", "\"map\""), reader.Context),
            Retry = RetryBinder.Bind(reader.Object("retry", "\"retry\"")),
            Timeout = reader.Duration("timeout"),
            QueueTimeout = reader.Duration("queueTimeout"),
            Limits = BindLimits(reader.Object("limits", "\"limits\"")),
            Heartbeat = reader.Duration("heartbeat"),
            Deadline = BindDeadline(reader.Object("deadline", "\"deadline\"")),
            Cache = BindCache(reader),
            Pool = reader.Text("pool"),
            PoolSlots = reader.Integer("poolSlots", minimum: 1) ?? 1,
            Priority = reader.Integer("priority") ?? 0,
            OnExit = reader.Boolean("onExit"),
            Title = reader.Text("title"),
        };
        reader.End();
        if (task.Uses.Length == 0)
        {
            reader.Require("uses", "Add \"uses\" with the name of the activity that does the work (orc schema lists them), or \"pipeline\" with the one that does.");
        }

        return task;
    }

    public static ImmutableSortedDictionary<string, JsonElement> BindWith(ObjectReader? reader)
    {
        var with = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in reader?.Value.Members ?? [])
        {
            if (member.Value.IsBroken)
            {
                reader?.Break(member.Name);
            }
            else
            {
                with.TryAdd(member.Name, member.Value.ToElement());
            }
        }

        return with.ToImmutable();
    }

    public static DeadlineDefinition? BindDeadline(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var words = Words.Kebab<DeadlineAction>();
        var after = reader.Duration("after");
        var then = reader.Word("then", DeadlineAction.Unknown, words);
        reader.End();
        if (after is null)
        {
            reader.Require("after", "Add \"after\": how long it may take, \"30m\".");
        }

        if (then == DeadlineAction.Unknown)
        {
            reader.Require("then", $"Add \"then\" with what happens at the deadline: {Words.Or(words.All)}.");
        }

        return after is { } time && then != DeadlineAction.Unknown ? new DeadlineDefinition { After = time, Then = then } : null;
    }

    private static TaskLimits? BindLimits(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var limits = new TaskLimits { MemoryInBytes = reader.Size("memory"), LogInBytes = reader.Size("log"), OutputInBytes = reader.Size("output") };
        reader.End();
        return limits;
    }

    private static CachePolicy? BindCache(ObjectReader task)
    {
        var words = Words.Kebab<CacheMode>();
        switch (task.Value.Find("cache")?.Value)
        {
            case JsonObjectSyntax:
                var reader = task.Object("cache", "\"cache\"");
                var policy = new CachePolicy
                {
                    Mode = reader?.Word("mode", CacheMode.Auto, words) ?? CacheMode.Auto,
                    Expires = reader?.Duration("expires"),
                    Scope = reader?.Word("scope", CacheScope.Home, Words.Kebab<CacheScope>()) ?? CacheScope.Home,
                    Environment = [.. reader?.Texts("environment") ?? []],
                };
                reader?.End();
                return policy;
            case null or JsonWordSyntax { Value: null }:
                task.Find("cache");
                return null;
            default:
                return new CachePolicy { Mode = task.Word("cache", CacheMode.Auto, words) };
        }
    }
}
