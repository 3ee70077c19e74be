using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Runs;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc runs</c>: the runs of a home, newest first.</summary>
internal static class RunsCommand
{
    public static Command Create(CommandFrame frame)
    {
        var pipeline = new Argument<string?>("PIPELINE") { Description = "Only runs of this pipeline", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit") { Description = "How many to show (1..1000)", DefaultValueFactory = _ => 20 };
        var status = new Option<string[]>("--status") { Description = "Only runs in this state (queued, running, paused, cancelling, succeeded, failed, cancelled, skipped); may be given several times" };
        var children = new Option<bool>("--children") { Description = "Also the runs that do the work of another run's task" };
        var command = new Command("runs", "Lists runs, newest first") { pipeline, limit, status, children };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var most = parsed.GetValue(limit);
            if (most is < 1 or > 1000)
            {
                throw new WrongRequestException("ORC5902", $"--limit is {most} and should be between 1 and 1000");
            }

            var statuses = parsed.GetValue(status) ?? [];
            CheckStatuses(statuses);
            await using var place = await RunPlace.OpenToLookAsync(globals, cancellation);
            var runs = await place.Runs.ListAsync(
                new RunFilter { Pipeline = parsed.GetValue(pipeline), Statuses = statuses, Limit = most, Children = parsed.GetValue(children) }, cancellation);
            var questions = (await place.Runs.ListQuestionsAsync(cancellation)).ToLookup(question => question.RunId);
            return globals.Json
                ? Print.Json(globals, runs.Select(run => RunJson.Of(run) with { Questions = RunJson.Of(questions[run.Id]) }))
                : PrintTable(globals, place.Runs, runs, questions);
        }));
        return command;
    }

    /// <summary>A state that is misspelt has no runs, which would look like an answer.</summary>
    private static void CheckStatuses(IEnumerable<string> wanted)
    {
        string[] known = ["queued", "running", "paused", "cancelling", "succeeded", "failed", "cancelled", "skipped"];
        if (wanted.FirstOrDefault(status => !known.Contains(status)) is { } unknown)
        {
            throw new WrongRequestException("ORC6090", $"\"{unknown}\" is no state of a run", help: NearNames.Question(unknown, known) ?? $"They are {string.Join(", ", known)}.");
        }
    }

    private static int PrintTable(Globals globals, IRuns place, IReadOnlyList<RunInfo> runs, ILookup<RunId, OpenQuestion> questions)
    {
        if (runs.Count == 0)
        {
            globals.Console.Out.WriteLine("No runs yet. Start one with: orc run FILE");
            return ExitCodes.Done;
        }

        var now = globals.Time.GetUtcNow();
        Print.Table(globals, ["RUN", "PIPELINE", "STATUS", "STARTED", "TOOK", "DEFINITION"], runs.Select(run => new[]
        {
            run.Id.Value,
            run.Relation == RunRelations.Child ? $"{run.Pipeline} (child of {run.Parent})" : run.Pipeline,
            place.IsAbandoned(run) ? $"{run.Status}, unowned{(questions[run.Id].Any() ? ", asks" : "")}" : questions[run.Id].Any() ? $"{run.Status}, asks" : run.Status,
            Words.Ago(run.CreatedAt, now),
            run.EndedAt is { } end ? Words.Elapsed(end - run.CreatedAt) : "",
            run.Definition.Short.ToString(CultureInfo.InvariantCulture),
        }));
        // Whoever goes on with a parent goes on with its children.
        if (runs.Where(place.IsAbandoned).OrderBy(run => run.Relation == RunRelations.Child).FirstOrDefault() is { } abandoned)
        {
            globals.Console.Out.WriteLine($"\nno process works on what is unowned; go on with: orc run --resume {abandoned.Id}");
        }

        var open = runs.SelectMany(run => questions[run.Id]).ToArray();
        if (open.Length > 0)
        {
            globals.Console.Out.WriteLine();
            Print.Table(globals, ["ANSWER WITH", "QUESTION"], open.Select(question => new[] { $"orc approve {question.RunId} {question.Task}", question.Reason?.ToString() ?? "" }));
        }

        return ExitCodes.Done;
    }
}
