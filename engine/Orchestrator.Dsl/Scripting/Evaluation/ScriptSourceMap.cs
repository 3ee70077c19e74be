using System.Collections.Frozen;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Authoring;
using Orchestrator.Dsl.Scripting.Compilation;

namespace Orchestrator.Dsl.Scripting.Evaluation;

/// <summary>Says of each part of a definition where the script wrote it, so that the shared checks point into the script.</summary>
internal static class ScriptSourceMap
{
    // What an argument of a call is in the definition, by method and parameter.
    private static readonly FrozenDictionary<string, string> Parts = new Dictionary<string, string>
    {
        ["When/condition"] = "/when",
        ["Retry"] = "/retry",
        ["Retry/attempts"] = "/retry/attempts",
        ["Retry/backoff/delay"] = "/retry/delay",
        ["Retry/backoff/max"] = "/retry/max",
        ["Retry/on"] = "/retry/on",
        ["Retry/except"] = "/retry/except",
        ["Rule/rule"] = "/rule",
        ["Timeout/limit"] = "/timeout",
        ["Retry/rules"] = "/retry/on",
        ["Retry/losses"] = "/retry/losses",
        ["QueueTimeout/limit"] = "/queueTimeout",
        ["Heartbeat/limit"] = "/heartbeat",
        ["Deadline"] = "/deadline",
        ["Deadline/after"] = "/deadline/after",
        ["Deadline/then"] = "/deadline/then",
        ["Cache"] = "/cache",
        ["Cache/expires"] = "/cache/expires",
        ["NoCache"] = "/cache",
        ["RefreshCache"] = "/cache",
        ["Pool/name"] = "/pool",
        ["Pool/slots"] = "/poolSlots",
        ["Priority/priority"] = "/priority",
        ["Title/title"] = "/title",
        ["OnExit"] = "/onExit",
        ["Map"] = "/map",
        ["Map/over"] = "/map/over",
        ["Map/parallel"] = "/map/parallel",
        ["Pipeline/name"] = "/name",
        ["Pipeline/title"] = "/title",
        ["Sub/path"] = "/pipeline",
        ["Sub/mode"] = "/as",
        ["Sub/with"] = "/with",
        ["Parallel/limit"] = "/parallel",
        ["Concurrency"] = "/concurrency",
        ["Concurrency/key"] = "/concurrency/key",
        ["Concurrency/limit"] = "/concurrency/limit",
        ["Concurrency/overlap"] = "/concurrency/overlap",
        ["Concurrency/scope"] = "/concurrency/scope",
        ["Schedule/cron"] = "/schedule",
        ["Schedule/zone"] = "/zone",
        ["Schedule/overlap"] = "/overlap",
        ["Schedule/missed"] = "/missed",
        ["On/trigger/dataset"] = "/dataset",
        ["Param/default"] = "/default",
        ["Param/help"] = "/help",
        ["Param/min"] = "/minimum",
        ["Param/max"] = "/maximum",
        ["Param/choices"] = "/choices",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static SourceMap Of(PipelineBuilder pipeline, PipelineDefinition definition, ScriptEvaluation evaluation)
    {
        var map = new PathSourceMap(evaluation.SpanOf(pipeline.Places[0], "name"));
        foreach (var place in pipeline.Places)
        {
            AddCall(map, "", place, evaluation);
        }

        for (var i = 0; i < definition.Triggers.Length; i++)
        {
            var path = SourceMap.Join("/triggers", i);
            map.Add(path, evaluation.SpanOf(pipeline.TriggerPlaces[i]));
            AddCall(map, path, pipeline.TriggerPlaces[i], evaluation);
        }

        foreach (var (path, i) in PathsOf("/params", definition.Params.Select(parameter => parameter.Name)))
        {
            var place = pipeline.ParameterPlaces[i];
            map.Add(path, evaluation.SpanOf(place), evaluation.SpanOf(place, "name"));
            AddCall(map, path, place, evaluation);
        }

        foreach (var (name, place) in pipeline.OutputPlaces)
        {
            map.Add(SourceMap.Join("/outputs", name), evaluation.SpanOf(place, "value"), evaluation.SpanOf(place, "name"));
        }

        foreach (var (path, i) in PathsOf("/tasks", pipeline.Tasks.Select(task => task.Name ?? "")))
        {
            AddTask(map, path, pipeline.Tasks[i], evaluation);
        }

        return map;
    }

    /// <summary>A second part of one name is <c>NAME#2</c>, as the checks ask for it.</summary>
    private static IEnumerable<(string Path, int Index)> PathsOf(string root, IEnumerable<string> names)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (index, name) in names.Index())
        {
            var count = seen[name] = seen.GetValueOrDefault(name) + 1;
            yield return (SourceMap.Join(root, count == 1 ? name : $"{name}#{count}"), index);
        }
    }

    private static void AddTask(PathSourceMap map, string path, TaskNotes task, ScriptEvaluation evaluation)
    {
        var made = task.Places.First(place => place.Method is nameof(PipelineBuilder.Add) or nameof(PipelineBuilder.Step) or nameof(PipelineBuilder.Sub));
        var name = evaluation.SpanOf(made, "name");
        map.Add(path, name, name);
        if (evaluation.Find(made) is { } call)
        {
            AddInputs(map, path, call, evaluation);
        }

        if (task.Activity is StepActivity step)
        {
            foreach (var ((_, reference), span) in evaluation.ReadPlaces.Where(pair => pair.Key.Step == step))
            {
                map.Add(SourceMap.Join($"{path}/with/inputs", reference), span);
            }
        }

        var needs = 0;
        foreach (var place in task.Places)
        {
            AddCall(map, path, place, evaluation);
            if (place.Method == nameof(ActivityRules.Needs))
            {
                needs = AddNeeds(map, path, place, needs, evaluation);
            }
        }
    }

    private static void AddInputs(PathSourceMap map, string path, ScriptCall call, ScriptEvaluation evaluation)
    {
        if (call.Uses is { } uses)
        {
            map.Add($"{path}/uses", evaluation.SpanOf(uses));
            map.Add($"{path}/with", evaluation.SpanOf(uses));
        }

        foreach (var (input, range) in call.Inputs)
        {
            map.Add($"{path}/with{input}", evaluation.SpanOf(range.Value), range.Name is { } name ? evaluation.SpanOf(name) : null);
        }
    }

    private static int AddNeeds(PathSourceMap map, string path, CallPlace place, int from, ScriptEvaluation evaluation)
    {
        map.Add($"{path}/needs", evaluation.SpanOf(place));
        string[] single = ["first", "second", "third", "fourth"];
        if (evaluation.Find(place) is not { } call)
        {
            return from;
        }

        var needed = call.Arguments.Where(argument => single.Contains(argument.Key) || argument.Key.StartsWith("tasks/", StringComparison.Ordinal));
        foreach (var range in needed.Select(argument => argument.Value).OrderBy(range => range.Start))
        {
            map.Add(SourceMap.Join($"{path}/needs", from++), evaluation.SpanOf(range));
        }

        return from;
    }

    private static void AddCall(PathSourceMap map, string path, CallPlace place, ScriptEvaluation evaluation)
    {
        if (Parts.TryGetValue(place.Method, out var whole))
        {
            map.Add(path + whole, evaluation.SpanOf(place));
        }

        if (evaluation.Find(place) is not { } call)
        {
            return;
        }

        foreach (var (argument, range) in call.Arguments)
        {
            if (Parts.TryGetValue($"{place.Method}/{argument}", out var part))
            {
                map.Add(path + part, evaluation.SpanOf(range));
            }
        }
    }
}
