using System.Globalization;
using Microsoft.AspNetCore.Http;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Documents;

/// <summary>ETags: a letter for the kind of thing and the number of its state.</summary>
internal static class EntityTags
{
    public static string OfRun(long sequence) => Tag('r', sequence);

    public static string OfPipeline(long revision) => Tag('p', revision);

    public static string OfTrigger(long version) => Tag('t', version);

    /// <summary>Tells the state of what is answered; true when the caller has just that already.</summary>
    public static bool Tell(HttpContext context, string tag)
    {
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = "private, no-cache";
        return context.Request.Headers.IfNoneMatch.Any(value => value?.Split(',', StringSplitOptions.TrimEntries).Any(one => one == tag || one == "*") == true);
    }

    /// <summary>The state that the caller wants to change; null: whatever there is.</summary>
    /// <exception cref="ProblemException">If-Match is none of ours (ORC6012).</exception>
    public static long? ExpectedPipeline(HttpContext context) => Expected(context, 'p');

    /// <inheritdoc cref="ExpectedPipeline"/>
    public static long? ExpectedRun(HttpContext context) => Expected(context, 'r');

    /// <inheritdoc cref="ExpectedPipeline"/>
    public static long? ExpectedTrigger(HttpContext context) => Expected(context, 't');

    private static string Tag(char kind, long number) => string.Create(CultureInfo.InvariantCulture, $"\"{kind}{number}\"");

    private static long? Expected(HttpContext context, char kind)
    {
        var header = context.Request.Headers.IfMatch.ToString();
        return header is "" or "*" ? null
            : header is ['"', var first, .. var digits, '"'] && first == kind && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw ServerErrors.WrongEntityTag();
    }
}
