using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Runtime.People;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary>What a migration would change or has changed, in words and as JSON.</summary>
internal sealed class MigrationReport(
    Globals globals,
    RunInfo run,
    MigrationPlan plan,
    (ImmutableSortedDictionary<string, JsonElement> Before, ImmutableSortedDictionary<string, JsonElement> After) parameters,
    string folder)
{
    /// <summary>What would happen: 0 when it would be taken, 1 when it would be refused.</summary>
    public int Show()
    {
        if (globals.Json)
        {
            Print.Json(globals, Document("checked"));
        }
        else
        {
            Write();
            globals.Console.Out.WriteLine();
            foreach (var problem in plan.Problems)
            {
                globals.Console.Out.Write(FailureText.Of(problem));
            }

            globals.Console.Out.WriteLine(plan.IsAllowed ? "nothing was changed; nothing speaks against it" : $"nothing was changed; it would be refused for {Reasons}");
        }

        return plan.IsAllowed ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <exception cref="WrongRequestException">Something speaks against it (ORC5956); all reasons have been written.</exception>
    public void ThrowIfRefused()
    {
        if (plan.IsAllowed)
        {
            return;
        }

        foreach (var problem in plan.Problems)
        {
            globals.Console.Error.Write(FailureText.Of(problem));
        }

        throw new WrongRequestException(new Failure
        {
            Code = "ORC5956",
            Kind = FailureKind.Work,
            Message = $"run {run.Id} was not migrated, for {Reasons}; nothing was changed",
            Help = "What would become of each task: orc migrate RUN FILE --check",
            Details = globals.Json ? [.. plan.Problems.Select(problem => $"{problem.Code}: {problem.Message}")] : [],
        });
    }

    /// <param name="abandoned">Nobody works on the run.</param>
    public int Tell(RequestFate fate, bool abandoned)
    {
        if (globals.Json)
        {
            return Print.Json(globals, Document(fate.ToString().ToLowerInvariant()));
        }

        Write();
        globals.Console.Out.WriteLine();
        globals.Console.Out.WriteLine(fate == RequestFate.Stored
            ? $"stored: nobody works on run {run.Id} now; it is migrated first when the run goes on: orc run --resume {run.Id}"
            : $"run {run.Id} has definition {plan.To.Short} from now on{(abandoned ? $"; go on with: orc run --resume {run.Id}" : "")}");
        return ExitCodes.Done;
    }

    private string Reasons => plan.Problems.Length == 1 ? "one reason" : $"{plan.Problems.Length} reasons";

    private bool IsElsewhere => folder != run.BaseDirectory;

    private void Write()
    {
        globals.Console.Out.WriteLine($"run {run.Id} of {run.Pipeline}: definition {plan.From.Short} -> {plan.To.Short}");
        Print.Table(globals, ["TASK", "STATUS", "BECOMES", "ANOTHER"], plan.Tasks.Select(task => new[] { task.Task.Value, task.Status ?? "", Words(task.Becomes), string.Join(", ", task.Changes) }));
        foreach (var (name, value) in parameters.After.Where(one => !parameters.Before.TryGetValue(one.Key, out var before) || !JsonElement.DeepEquals(before, one.Value)))
        {
            globals.Console.Out.WriteLine($"parameter {name} = {value.GetRawText()}{(parameters.Before.TryGetValue(name, out var before) ? $" (was {before.GetRawText()})" : " (new)")}");
        }

        foreach (var gone in parameters.Before.Keys.Except(parameters.After.Keys))
        {
            globals.Console.Out.WriteLine($"parameter {gone} goes");
        }

        if (IsElsewhere)
        {
            globals.Console.Out.WriteLine($"relative paths stay relative to {run.BaseDirectory}, where the run was started");
        }
    }

    private static string Words(TaskMigration becomes) => becomes switch
    {
        TaskMigration.Kept => "keeps its end",
        TaskMigration.Continues => "goes on",
        TaskMigration.Waits => "waits, by the new definition",
        TaskMigration.Reconsidered => "is prepared anew",
        TaskMigration.Restarted => "is restarted",
        TaskMigration.New => "new",
        TaskMigration.Dropped => "goes",
        _ => throw new ArgumentOutOfRangeException(nameof(becomes), becomes, "nothing that becomes of a task"),
    };

    private object Document(string status) => new
    {
        run = run.Id.Value,
        status,
        allowed = plan.IsAllowed,
        from = plan.From.Value,
        to = plan.To.Value,
        tasks = plan.Tasks.Select(task => new { task = task.Task.Value, status = task.Status, becomes = JsonNamingPolicy.KebabCaseLower.ConvertName(task.Becomes.ToString()), changes = task.Changes }),
        @params = parameters.After,
        baseDirectory = run.BaseDirectory,
        problems = plan.Problems,
    };
}
