using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Runtime.Lanes;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc mark RUN TASK succeeded|skipped</c>: ends a task by hand, with outputs that fit its activity.</summary>
internal static class MarkCommand
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var task = new Argument<string>("TASK") { Description = "A task that has not ended" };
        var word = new Argument<string>("AS") { Description = "How it is to end: succeeded or skipped" };
        word.AcceptOnlyFromAmong("succeeded", "skipped");
        var reason = new Option<string>("--reason") { Description = "Why; kept with the run", HelpName = "TEXT", Required = true };
        var outputs = new Option<string?>("--outputs") { Description = "The outputs that later tasks read, as a JSON object by name", HelpName = "JSON" };
        var command = new Command("mark", "Ends a task by hand as succeeded or skipped") { run, task, word, reason, outputs };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(session, parsed.GetValue(run), cancellation);
            OwnerRequest.CheckOpen(info);
            var state = await session.ReplayAsync(info.Id, cancellation);
            var name = new TaskName(parsed.GetValue(task) ?? "");
            if (!state.Graph.Contains(name) || name.IsInternal)
            {
                throw new WrongRequestException(EngineErrors.NoSuchTask(state.Graph.Definition, name).Failure);
            }

            var outcome = parsed.GetValue(word) == "succeeded" ? TaskOutcome.Succeeded : TaskOutcome.Skipped;
            var mark = new MarkRequest
            {
                Task = name,
                As = outcome,
                Reason = parsed.GetValue(reason) ?? "",
                Outputs = Outputs(session.Get<ActivityCatalog>(), state.Graph[name].Definition, outcome, parsed.GetValue(outputs)),
            };
            var fate = await OwnerRequest.SendAsync(globals, session, info, OwnerRequest.Create(globals, info, "mark", OrcJson.ToElement(mark)), cancellation);
            return OwnerRequest.Tell(globals, info, fate, $"task {name} is marked as {parsed.GetValue(word)}");
        }));
        return command;
    }

    private static ImmutableDictionary<string, JsonElement> Outputs(ActivityCatalog catalog, TaskDefinition task, TaskOutcome outcome, string? text)
    {
        if (outcome == TaskOutcome.Skipped)
        {
            return text is null ? [] : throw new WrongRequestException("ORC5953", "--outputs of a task that is marked as skipped", why: "a skipped task has none");
        }

        var json = text is null ? Nothing : JsonOption.Parse("--outputs", text);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new WrongRequestException("ORC5954", "--outputs is not an object", help: "Write the outputs by name: '{\"auc\": 0.91}'.");
        }

        var outputs = json.EnumerateObject().ToImmutableDictionary(output => output.Name, output => output.Value);
        if (task.Pipeline?.Definition is { } pipeline)
        {
            return outputs.Keys.FirstOrDefault(name => !pipeline.Outputs.ContainsKey(name)) is { } stranger
                ? throw new WrongRequestException("ORC5961", $"--outputs has \"{stranger}\", which pipeline \"{pipeline.Name}\" does not yield", help: pipeline.Outputs.IsEmpty ? "It has no outputs: leave --outputs out." : $"Its outputs are {string.Join(", ", pipeline.Outputs.Keys)}.")
                : outputs;
        }

        var activity = catalog.Get(task.Uses);
        return Faults(activity, task, outputs).FirstOrDefault() is { } fault ? throw new WrongRequestException(fault with { Help = Help(activity, task) }) : outputs;
    }

    /// <summary>A mapped task's outputs are lists, one item each.</summary>
    private static IEnumerable<Failure?> Faults(ActivityDescriptor activity, TaskDefinition task, ImmutableDictionary<string, JsonElement> outputs)
    {
        if (task.Map is null)
        {
            return [OutputChecks.FindFault(activity, outputs, new LaneOptions().MaxOutputBytes)];
        }

        var items = outputs.Values.Select(value => value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() : -1).Distinct().ToArray();
        if (items is not [>= 0 and var count])
        {
            throw new WrongRequestException("ORC5955", $"task \"{task.Name}\" is mapped, and its outputs are not lists of one length", help: Help(activity, task));
        }

        return Enumerable.Range(0, count)
            .Select(index => OutputChecks.FindFault(activity, outputs.ToDictionary(output => output.Key, output => output.Value[index]), new LaneOptions().MaxOutputBytes))
            .Where(fault => fault is not null);
    }

    private static string Help(ActivityDescriptor activity, TaskDefinition task) => activity.Outputs.Any()
        ? $"Its outputs are {string.Join(", ", activity.Outputs.Select(output => $"{output.Name} ({(task.Map is null ? "" : "list of ")}{ValueTypes.NameOf(output.ValueType)}{(output.Nullable ? ", may be absent" : "")})"))}."
        : "It has no outputs: leave --outputs out.";
}
