using Orchestrator.Server.Access;
using Orchestrator.Server.Backfills;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Runs;
using Orchestrator.Server.Schedules;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Backfills;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Runs;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Server.Search;

/// <summary>Looks through everything that a caller may see. What it costs has a bound, whatever the history holds: names are few, and of runs only the newest are looked at.</summary>
internal sealed class SearchDesk(ServerParts parts, RunAccess runs, TriggerView triggers)
{
    /// <summary>Of these runs alone the reason of a failure is looked at.</summary>
    private const int NewestRuns = 500;

    /// <summary>Of these backfills alone the pipeline's name is.</summary>
    private const int NewestBackfills = 200;

    /// <summary>Fewer characters begin too many ids.</summary>
    private const int ShortestId = 4;

    private static readonly (string Type, Func<SearchDesk, Caller, string, int, CancellationToken, Task<IReadOnlyList<SearchHitDocument>>> Find)[] Looks =
    [
        ("pipeline", (desk, caller, text, most, token) => desk.PipelinesAsync(caller, text, most, token)),
        ("run", (desk, caller, text, most, token) => desk.RunsAsync(caller, text, most, token)),
        ("trigger", (desk, caller, text, most, token) => desk.TriggersAsync(caller, text, most, token)),
        ("backfill", (desk, caller, text, most, token) => desk.BackfillsAsync(caller, text, most, token)),
        ("dataset", (desk, caller, text, most, token) => desk.DatasetsAsync(caller, text, most, token)),
        ("model", (desk, caller, text, most, token) => desk.ModelsAsync(caller, text, most, token)),
        ("endpoint", (desk, caller, text, most, token) => desk.EndpointsAsync(caller, text, most, token)),
    ];

    public static IReadOnlyList<string> Types { get; } = [.. Looks.Select(look => look.Type)];

    public async Task<SearchDocument> FindAsync(Caller caller, string text, IReadOnlyList<string> types, int most, CancellationToken cancellation)
    {
        var items = new List<SearchHitDocument>();
        var more = new List<string>();
        foreach (var (type, find) in Looks.Where(look => types.Contains(look.Type)))
        {
            var found = await find(this, caller, text, most + 1, cancellation);
            items.AddRange(found.Take(most));
            if (found.Count > most)
            {
                more.Add(type);
            }
        }

        return new SearchDocument { Items = items, More = more };
    }

    private async Task<IReadOnlyList<SearchHitDocument>> PipelinesAsync(Caller caller, string text, int most, CancellationToken cancellation)
    {
        var found = await parts.Stores.Pipelines.ListAsync(new PipelineFilter { Projects = caller.ProjectsWith(Permission.Read), Search = text, Limit = most }, cancellation);
        return [.. Best(found, text, one => one.Name).Select(one => new SearchHitDocument
        {
            Type = "pipeline", Id = one.Name, Title = one.Name, Project = one.Project, State = one.IsPaused ? "paused" : null, At = one.RegisteredAt, Href = $"/api/v1/pipelines/{one.Name}",
        })];
    }

    private async Task<IReadOnlyList<SearchHitDocument>> RunsAsync(Caller caller, string text, int most, CancellationToken cancellation)
    {
        var found = new List<RunInfo>();
        if (text.Length >= ShortestId && text.Length <= 26 && text.All(char.IsAsciiLetterOrDigit))
        {
            foreach (var run in await parts.Stores.Runs.FindByPrefixAsync(text, cancellation))
            {
                if (caller.May(Permission.Read, await runs.ProjectOfAsync(run.Pipeline, cancellation)))
                {
                    found.Add(run);
                }
            }
        }

        var newest = await parts.Stores.Runs.ListAsync(new RunFilter { Projects = caller.ProjectsWith(Permission.Read), Children = true, Limit = NewestRuns }, cancellation);
        found.AddRange(newest.Where(run => Has(run.Pipeline, text) || Has(run.Failure?.Message, text) || Has(run.Failure?.Code, text)));
        var documents = await runs.DocumentsAsync(caller, [.. found.DistinctBy(run => run.Id).Take(most)], cancellation);
        return [.. documents.Select(one => new SearchHitDocument
        {
            Type = "run", Id = one.Id, Title = one.Pipeline, Project = one.Project, State = one.Failure is { } failure ? $"{one.Status}: {failure.Message}" : one.Status, At = one.CreatedAt, Href = $"/api/v1/runs/{one.Id}",
        })];
    }

    private async Task<IReadOnlyList<SearchHitDocument>> TriggersAsync(Caller caller, string text, int most, CancellationToken cancellation)
    {
        var found = await triggers.PageAsync(caller, new TriggerFilter { Search = text, Limit = most }, most, cancellation);
        return [.. Best(found.Items, text, one => one.Name).Select(one => new SearchHitDocument
        {
            Type = "trigger", Id = one.Trigger, Title = $"{one.Trigger}: {one.For}", Project = one.Project, State = one.WhyPaused, At = one.NextAt, Href = $"/api/v1/triggers/{one.Trigger}",
        })];
    }

    private async Task<IReadOnlyList<SearchHitDocument>> BackfillsAsync(Caller caller, string text, int most, CancellationToken cancellation)
    {
        var newest = await parts.Stores.Backfills.ListAsync(new BackfillFilter { Projects = caller.ProjectsWith(Permission.Read), Limit = NewestBackfills }, cancellation);
        var hits = new List<SearchHitDocument>();
        foreach (var one in newest.Where(one => Has(one.Pipeline, text) || (text.Length >= ShortestId && one.Id.StartsWith(text, StringComparison.OrdinalIgnoreCase))).Take(most))
        {
            hits.Add(new SearchHitDocument
            {
                Type = "backfill", Id = one.Id, Title = one.Pipeline, Project = await runs.ProjectOfAsync(one.Pipeline, cancellation), State = one.Status, At = one.CreatedAt, Href = $"/api/v1/backfills/{one.Id}",
            });
        }

        return hits;
    }

    private async Task<IReadOnlyList<SearchHitDocument>> DatasetsAsync(Caller caller, string text, int most, CancellationToken cancellation) => SeesAssets(caller)
        ? Named(await parts.Assets.Datasets.ListAsync(cancellation), text, most, one => one.Name, one => new SearchHitDocument
        {
            Type = "dataset", Id = one.Name, Title = one.Name, At = one.UpdatedAt, Href = $"/api/v1/datasets/{Uri.EscapeDataString(one.Name)}",
        })
        : [];

    private async Task<IReadOnlyList<SearchHitDocument>> ModelsAsync(Caller caller, string text, int most, CancellationToken cancellation) => SeesAssets(caller)
        ? Named(await parts.Assets.Models.ListAsync(cancellation), text, most, one => one.Name, one => new SearchHitDocument
        {
            Type = "model", Id = one.Name, Title = one.Name, State = one.Aliases.Count == 0 ? null : string.Join(", ", one.Aliases.Select(alias => $"{alias.Key} -> {alias.Value}")), At = one.UpdatedAt,
            Href = $"/api/v1/models/{Uri.EscapeDataString(one.Name)}",
        })
        : [];

    private async Task<IReadOnlyList<SearchHitDocument>> EndpointsAsync(Caller caller, string text, int most, CancellationToken cancellation) => SeesAssets(caller)
        ? Named(await parts.Assets.Endpoints.ListAsync(cancellation), text, most, one => one.Name, one => new SearchHitDocument
        {
            Type = "endpoint", Id = one.Name, Title = one.Name, State = one.Current is { } current ? $"{current.Model} version {current.Version}" : null, At = one.Current?.At ?? one.CreatedAt,
            Href = $"/api/v1/endpoints/{Uri.EscapeDataString(one.Name)}",
        })
        : [];

    /// <summary>They are of no project.</summary>
    private static bool SeesAssets(Caller caller) => caller.May(Permission.Read, RoleGrant.EveryProject);

    private static IReadOnlyList<SearchHitDocument> Named<T>(IEnumerable<T> all, string text, int most, Func<T, string> name, Func<T, SearchHitDocument> hit) =>
        [.. Best(all.Where(one => Has(name(one), text)), text, name).Take(most).Select(hit)];

    /// <summary>The name itself, then names that begin so, then the others, each by name.</summary>
    private static IEnumerable<T> Best<T>(IEnumerable<T> found, string text, Func<T, string> name) => found
        .OrderBy(one => name(one).Equals(text, StringComparison.OrdinalIgnoreCase) ? 0 : name(one).StartsWith(text, StringComparison.OrdinalIgnoreCase) ? 1 : 2)
        .ThenBy(name, StringComparer.Ordinal);

    private static bool Has(string? where, string text) => where?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;
}
