using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Search;

/// <summary>One question to everything: what has this in its name?</summary>
internal static class SearchEndpoints
{
    private const int MostOfAType = 50;
    private const int UsualOfAType = 8;
    private const int LongestText = 100;

    public static void Map(RouteGroupBuilder api) => api.MapGet("/search", SearchAsync).Needs(Permission.Read).Describe(
        "search", "Finds pipelines, runs, triggers, backfills, datasets, models and endpoints that the caller may see by a part of their name; runs also by the beginning of their id, and the newest by why they failed", 400);

    private static async Task<Ok<SearchDocument>> SearchAsync(HttpContext context, SearchDesk desk, string? q, string[]? type, int? limit)
    {
        var text = q?.Trim() ?? "";
        if (text.Length is 0 or > LongestText)
        {
            throw ServerErrors.WrongParameter("q", q, $"1 to {LongestText} characters to look for");
        }

        if (type?.FirstOrDefault(one => !SearchDesk.Types.Contains(one)) is { } unknown)
        {
            throw ServerErrors.WrongParameter("type", unknown, $"one of {string.Join(", ", SearchDesk.Types)}");
        }

        var most = limit is null ? UsualOfAType : Query.Limit(limit, MostOfAType);
        return TypedResults.Ok(await desk.FindAsync(context.GetCaller(), text, type is null or [] ? SearchDesk.Types : type, most, context.RequestAborted));
    }
}

/// <summary>What was found.</summary>
public sealed record SearchDocument
{
    /// <summary>By type, in the order of the types; of each the best first.</summary>
    public required IReadOnlyList<SearchHitDocument> Items { get; init; }

    /// <summary>Types of which there may be more than were asked for.</summary>
    public required IReadOnlyList<string> More { get; init; }
}

/// <summary>Something that was found.</summary>
public sealed record SearchHitDocument
{
    /// <summary><c>pipeline</c>, <c>run</c>, <c>trigger</c>, <c>backfill</c>, <c>dataset</c>, <c>model</c> or <c>endpoint</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What its resource calls it.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    public string? Project { get; init; }

    /// <summary>How it stands, in a word or a sentence.</summary>
    public string? State { get; init; }

    /// <summary>When it was made or last changed.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The address of its resource.</summary>
    public required string Href { get; init; }
}
