using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Reading;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks that each rule can be met, and that what it lets run has the data it reads.</summary>
internal sealed class JoinChecks
{
    private readonly CheckContext context;
    private readonly ILookup<TaskName, Dependency> dependencies;
    private readonly Dictionary<TaskName, bool> skippable = [];

    private JoinChecks(CheckContext context)
    {
        this.context = context;
        dependencies = context.Dependencies.ToLookup(dependency => dependency.Of.Name);
    }

    /// <summary>Only for graphs without cycles.</summary>
    public static void Check(CheckContext context)
    {
        var checks = new JoinChecks(context);
        foreach (var task in context.Definition.Tasks)
        {
            checks.Check(task);
        }
    }

    private void Check(TaskDefinition task)
    {
        var waitsFor = dependencies[task.Name].ToList();
        var path = CheckContext.PathOf(task);
        if (waitsFor.Count == 0)
        {
            // Whoever names only unknown tasks has heard about that already.
            if (task.Needs.IsEmpty && !task.OnExit && !context.ExpressionsInDoubt && !context.IsBroken($"{path}/needs"))
            {
                CheckAlone(task, path);
            }

            return;
        }

        var tasks = waitsFor.Select(dependency => dependency.On.Name).Distinct().Count();
        foreach (var data in waitsFor.Where(dependency => dependency.IsData).DistinctBy(dependency => dependency.On.Name))
        {
            if (task.Rule == JoinRule.AllFailed || (task.Rule == JoinRule.OneFailed && tasks == 1))
            {
                ReportContradiction(task, path, data);
            }
            else if (WhyAbsent(task, data, tasks) is { } why)
            {
                ReportAbsent(task, data, why);
            }
        }
    }

    private void CheckAlone(TaskDefinition task, string path)
    {
        if (task.Rule is JoinRule.OneSuccess or JoinRule.OneFailed or JoinRule.AllFailed or JoinRule.NoneFailedMinOneSuccess)
        {
            var word = Words.Snake<JoinRule>()[task.Rule];
            context.Add(DiagnosticCatalog.JoinNeverFires.At(
                context.Map.ValueOf($"{path}/rule"),
                "never met",
                $"task \"{task.Name}\" has the rule {word} and depends on no task, so it can never run",
                "Add \"needs\" with the tasks that the rule is about, or remove the rule."));
        }
    }

    private void ReportContradiction(TaskDefinition task, string path, Dependency data)
    {
        var word = Words.Snake<JoinRule>()[task.Rule];
        context.Add(DiagnosticCatalog.JoinContradictsData.At(
            context.Map.ValueOf($"{path}/rule"),
            $"runs only when \"{data.On.Name}\" failed",
            $"task \"{task.Name}\" has the rule {word} and reads {data.Reference}, which exists only when \"{data.On.Name}\" succeeded",
            $"Remove the reference and name \"{data.On.Name}\" in \"needs\", or take another rule.",
            notes: [new DiagnosticNote("the output is read", data.Span)]));
    }

    private void ReportAbsent(TaskDefinition task, Dependency data, string why) => context.Add(DiagnosticCatalog.OutputMayBeAbsent.At(
        data.Span,
        "may be absent",
        $"task \"{task.Name}\" reads {data.Reference} and may run without it: {why}",
        $"Say what to use instead, {data.Reference?.Replace($"tasks.{data.On.Name}.", $"tasks.{data.On.Name}?.", StringComparison.Ordinal)} ?? …, or take the rule all_success."));

    private string? WhyAbsent(TaskDefinition task, Dependency data, int tasks)
    {
        if (task.OnExit)
        {
            return "it runs on exit, however the others ended";
        }

        var word = Words.Snake<JoinRule>()[task.Rule];
        return task.Rule switch
        {
            JoinRule.Always => $"the rule {word} waits for nothing",
            JoinRule.AllDone => $"the rule {word} lets it run also when \"{data.On.Name}\" failed or was skipped",
            JoinRule.OneFailed => $"the rule {word} lets it run also when \"{data.On.Name}\" is the one that failed",
            JoinRule.OneSuccess when tasks > 1 => $"the rule {word} lets it run as soon as another task succeeded",
            JoinRule.NoneFailed when CanBeSkipped(data.On) => $"the rule {word} lets it run also when \"{data.On.Name}\" was skipped",
            JoinRule.NoneFailedMinOneSuccess when tasks > 1 && CanBeSkipped(data.On) => $"the rule {word} lets it run also when \"{data.On.Name}\" was skipped",
            _ => null,
        };
    }

    /// <summary>True when the task, or one that passes its skipping on to it, has a condition. An explicit stack, since chains may be thousands long.</summary>
    private bool CanBeSkipped(TaskDefinition task)
    {
        var open = new Stack<TaskDefinition>([task]);
        while (open.TryPeek(out var next))
        {
            var passedOn = next.Rule is JoinRule.AllSuccess or JoinRule.OneSuccess or JoinRule.NoneFailedMinOneSuccess ? dependencies[next.Name].Select(dependency => dependency.On).ToList() : [];
            var unknown = passedOn.FirstOrDefault(other => !skippable.ContainsKey(other.Name));
            if (unknown is not null)
            {
                open.Push(unknown);
                continue;
            }

            open.Pop();
            skippable[next.Name] = next.When is not null || next.Rule is JoinRule.AllFailed or JoinRule.OneFailed || passedOn.Any(other => skippable[other.Name]);
        }

        return skippable[task.Name];
    }
}
