using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Server.Access;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Server.Runs;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Server.Backfills;

/// <summary>Makes plans of wishes.</summary>
internal sealed class BackfillPlans(ServerParts parts, BackfillControl control, RunStarts starts, BackfillAccess access)
{
    /// <exception cref="ProblemException">There is no such pipeline (ORC6030), a date is none (ORC6053), or the parameters are wrong (ORC6042).</exception>
    public async Task<BackfillDocument> MakeAsync(Caller caller, PlanBackfill wish, CancellationToken cancellation)
    {
        var (pipeline, _, stored, definition) = await starts.FindAsync(caller, wish.Pipeline, null, Permission.Operate, cancellation);
        var asked = new BackfillWish
        {
            Pipeline = definition,
            Definition = stored,
            BaseDirectory = pipeline.BaseDirectory,
            Selection = new BackfillSelection
            {
                From = wish.From is null ? null : RunStarts.DateOf(definition, wish.From, "from"),
                To = wish.To is null ? null : RunStarts.DateOf(definition, wish.To, "to"),
                Dates = [.. (wish.Dates ?? []).Select(date => RunStarts.DateOf(definition, date, "dates"))],
                Only = wish.Only switch { null or "missing" => BackfillOnly.Missing, "failed" => BackfillOnly.Failed, "all" => BackfillOnly.All, _ => throw Unknown("only", wish.Only, "missing, failed or all") },
                Order = wish.Order switch { null or "oldest" => BackfillOrder.Oldest, "newest" => BackfillOrder.Newest, _ => throw Unknown("order", wish.Order, "oldest or newest") },
                Schedule = wish.Schedule,
            },
            Params = Given(definition, wish.Params),
            Parallel = wish.Parallel ?? 1,
            By = caller.Name,
        };
        var entry = caller.Did("backfill.plan", null, pipeline.Project, parts.Time.GetUtcNow(), new { pipeline = pipeline.Name });
        var (backfill, _) = await control.PlanAsync(asked, (made, session, token) => AuditLog.AppendAsync(session, entry with { Target = $"backfill {made.Id}" }, token), cancellation);
        return await access.DocumentAsync(new SeenBackfill(backfill, pipeline.Project), cancellation);
    }

    /// <summary>What was given; the others come from the schedule, so they are not looked at here.</summary>
    private static ImmutableSortedDictionary<string, JsonElement> Given(PipelineDefinition pipeline, IReadOnlyDictionary<string, JsonElement>? given)
    {
        if (given is null || given.Count == 0)
        {
            return TaskDefinition.EmptyWith;
        }

        var asked = pipeline.Params.Where(parameter => given.ContainsKey(parameter.Name)).ToImmutableArray();
        // A name that is none is told beside all that there are.
        var bound = ParameterBinder.Bind(asked.Length == given.Count ? pipeline with { Params = asked } : pipeline, given);
        return bound.Values is { } values ? values.ToImmutableSortedDictionary(StringComparer.Ordinal) : throw ServerErrors.WrongValues(pipeline.Name, bound.Diagnostics);
    }

    private static ProblemException Unknown(string member, string value, string wanted) => ServerErrors.WrongBody($"\"{member}\" is \"{ServerErrors.Shorten(value)}\"", $"It should be {wanted}.");
}
