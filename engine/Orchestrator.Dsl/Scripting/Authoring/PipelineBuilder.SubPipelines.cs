using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <content>Sub-pipelines, and what a pipeline yields.</content>
public sealed partial class PipelineBuilder
{
    private readonly List<(string Name, JsonElement Value, CallPlace Place)> outputs = [];

    /// <summary>The calls that declared outputs.</summary>
    internal IEnumerable<(string Name, CallPlace Place)> OutputPlaces => outputs.Select(output => (output.Name, output.Place));

    /// <summary>
    /// A task whose work is another pipeline: <c>var features = churn.Sub("features", "features.json", new { table = snapshot.Version })</c>. What that pipeline declares
    /// as outputs are the task's: <c>features["model"]</c>.
    /// </summary>
    /// <param name="name">The name rule is <see cref="TaskName.Rule"/>.</param>
    /// <param name="path">A pipeline's file, C# script or JSON, relative to the folder of this script.</param>
    /// <param name="with">The parameters: an object whose members are values, outputs, parameters or expressions.</param>
    /// <param name="mode">Inline: its tasks are tasks of this run. Run: a run of its own.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public SubPipeline Sub(string name, string path, object? with = null, SubPipelineMode mode = SubPipelineMode.Inline, [CallerLineNumber] int line = 0)
    {
        var sub = new SubPipeline { Path = path, Mode = mode, With = SubPipeline.ReadParameters(with) };
        Add(sub, name, new CallPlace(nameof(Sub), line, name));
        return sub;
    }

    /// <summary>Declares a value that a run yields, and as a sub-pipeline its task: <c>churn.Output("model", train.Model)</c>.</summary>
    /// <param name="name">The name rule is <see cref="TaskName.Rule"/>.</param>
    /// <param name="value">An output, a parameter or an expression.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public PipelineBuilder Output(string name, Expr value, [CallerLineNumber] int line = 0)
    {
        outputs.Add((name, OrcJson.ToElement(Templates.Whole(value.Text)), new CallPlace(nameof(Output), line, name)));
        return this;
    }

    private ImmutableSortedDictionary<string, JsonElement> BuildOutputs()
    {
        var built = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value, place) in outputs)
        {
            if (!built.TryAdd(name, value))
            {
                Evaluation.Report(Diagnostics.DiagnosticCatalog.DuplicateName.At(
                    Evaluation.SpanOf(place, "name"), "same name again", $"there are two outputs with the name \"{name}\"", "Rename one of them."));
            }
        }

        return built.ToImmutable();
    }
}
