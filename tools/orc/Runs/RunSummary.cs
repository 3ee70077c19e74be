using System.Globalization;
using System.Text.Json;
using Orchestrator.Assets.Models;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Graph;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;

namespace Orchestrator.Cli.Runs;

/// <summary>What a person wants to know when a run has ended: what came out, on what evidence, where to look, what to do next.</summary>
internal static class RunSummary
{
    public static async Task WriteAsync(Globals globals, IRuns runs, IFollowedRun run, RunState state)
    {
        var id = run.Id;
        var output = globals.Console.Out;
        output.WriteLine();
        if (state.Skipped is { } skipped)
        {
            output.WriteLine($"run {id} was {skipped}");
            return;
        }

        if (!state.IsEnded)
        {
            foreach (var node in state.Graph.Nodes.Where(node => state.Tasks[node.Index] is Suspended))
            {
                output.WriteLine($"{node.Definition.Name} waits for {WaitReasons.OfTask(state, new TaskKey(node.Index)).Message}");
                output.WriteLine($"  orc approve {id} {node.Definition.Name}");
            }

            output.WriteLine(WaitingWatch.IsOnlyWaiting(state) ? $"left while it waits; nothing that was finished is lost. Go on with: orc run --resume {id}" : string.Format(CultureInfo.InvariantCulture, run.LeftWords, id));
            return;
        }

        if (state.Failure is { } over)
        {
            output.WriteLine(FailureText.Of(over, "the run"));
        }

        foreach (var node in state.Graph.Nodes)
        {
            // A sub-pipeline fails with what a task inside it failed with, which is told there.
            if (state.Tasks[node.Index] is Ended { Failure: { } failure } && !(node.Begin is not null && node.Upstream.Any(inner => state.Tasks[inner] is Ended { Failure: not null })))
            {
                output.WriteLine(FailureText.Of(failure, $"task {node.Definition.Name}"));
            }
        }

        var results = await ResultsAsync(runs, id, state);
        if (results.Count > 0)
        {
            Print.Pairs(globals, [.. results]);
            output.WriteLine();
        }

        var counts = state.Graph.Nodes.Where(node => !node.Definition.Name.IsInternal).GroupBy(node => state.Tasks[node.Index].Word).Select(group => $"{group.Count()} {group.Key}");
        output.WriteLine($"run {id} {RunWords(state)}: {string.Join(", ", counts)}");
        output.WriteLine();
        WriteNext(globals, id, state);
    }

    private static string RunWords(RunState state) => Runtime.Coordination.RunWords.Of(state.Status);

    /// <summary>The outputs that are worth a line: metrics, decisions and files of tasks that succeeded.</summary>
    private static async Task<List<(string Name, string? Value)>> ResultsAsync(IRuns runs, RunId run, RunState state)
    {
        var results = new List<(string Name, string? Value)>();
        foreach (var node in state.Graph.InTopologicalOrder())
        {
            if (state.Tasks[node.Index] is not Ended { Outcome: TaskOutcome.Succeeded } ended)
            {
                continue;
            }

            // What a sub-pipeline is given and yields is its tasks', and told there.
            if (node.Part == NodePart.Begin || node.Begin is not null)
            {
                continue;
            }

            // What the run yields is told by its own names, at the end.
            var prefix = node is { Part: NodePart.End, Begin: null } ? "" : $"{node.Definition.Name}.";
            foreach (var (name, value) in ended.Outputs.OrderBy(output => output.Key, StringComparer.Ordinal))
            {
                if (IsPage(value))
                {
                    var artifact = OrcJson.FromElement<ArtifactRef>(value);
                    var page = (prefix + name).Replace('/', '.') + Path.GetExtension(artifact.Name);
                    results.Add((prefix + name, await runs.SavePageAsync(run, state.Graph.Definition.Name, page, artifact, CancellationToken.None)));
                }
                else if (Describe(value) is { } text)
                {
                    results.Add((prefix + name, text));
                }
            }
        }

        return results;
    }

    private static bool IsPage(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("mediaType", out var type) && type.GetString() is "text/html" or "image/svg+xml";

    private static string? Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : value.GetDouble().ToString("0.####", CultureInfo.InvariantCulture),
        JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.String => value.GetString() is { Length: > 0 and < 300 } text ? text : null,
        JsonValueKind.Object when value.TryGetProperty("mediaType", out _) => null,
        JsonValueKind.Object when value.TryGetProperty("signature", out _) && value.TryGetProperty("flavor", out _) => NameOf(OrcJson.FromElement<ModelRef>(value)),
        JsonValueKind.Object when value.EnumerateObject().All(member => member.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String) && value.EnumerateObject().Count() <= 12 =>
            string.Join(", ", value.EnumerateObject().Select(member => $"{member.Name} {(member.Value.ValueKind == JsonValueKind.Number ? member.Value.GetDouble().ToString("0.####", CultureInfo.InvariantCulture) : member.Value.GetString())}")),
        _ => null,
    };

    private static string? NameOf(ModelRef model) => model.Name is { } name ? $"models:/{name}/{model.Version}" : null;

    private static void WriteNext(Globals globals, RunId id, RunState state)
    {
        var output = globals.Console.Out;
        output.WriteLine("next:");
        output.WriteLine($"  orc show {id}");
        if (state.Status == RunStatus.Succeeded)
        {
            foreach (var endpoint in Endpoints(state))
            {
                output.WriteLine($"  orc endpoints show {endpoint}");
            }
        }
        else
        {
            output.WriteLine($"  orc logs {id}");
            output.WriteLine($"  orc retry {id}");
        }
    }

    private static IEnumerable<string> Endpoints(RunState state) => state.Graph.Nodes
        .Where(node => node.Definition.Uses == "model.deploy" && node.Definition.With.TryGetValue("endpoint", out var name) && name.ValueKind == JsonValueKind.String)
        .Select(node => node.Definition.With["endpoint"].GetString() ?? "")
        .Distinct();
}
