using Microsoft.AspNetCore.Http;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Server.Assets;

/// <summary>What datasets, models and endpoints have in common: they are the home's and of no project, so a role in every project is needed for them.</summary>
internal static class AssetPages
{
    /// <exception cref="Problems.ProblemException">The caller may not do that in every project (ORC6022).</exception>
    public static Caller CheckEverywhere(HttpContext context, Permission permission)
    {
        var caller = context.GetCaller();
        caller.Check(permission, RoleGrant.EveryProject);
        return caller;
    }

    /// <summary>A page of what is listed by name, of those whose name has a text in it.</summary>
    public static Page<T> ByName<T>(IReadOnlyList<T> all, Func<T, string> name, string? search, string? cursor, int? limit)
    {
        var (most, after, part) = (Query.Limit(limit), Query.Name(cursor, "cursor"), Query.Name(search, "search"));
        var found = all.Where(one => (part is null || name(one).Contains(part, StringComparison.OrdinalIgnoreCase)) && (after is null || string.CompareOrdinal(name(one), after) > 0))
            .OrderBy(name, StringComparer.Ordinal).Take(most + 1).ToArray();
        return Page<T>.Of(found, most, name, one => one);
    }

    /// <summary>The entry of the audit log about a change, to be written with it.</summary>
    public static AlsoWrite Audited(Caller caller, string action, string target, ServerParts parts, object? details)
    {
        var entry = caller.Did(action, target, null, parts.Time.GetUtcNow(), details);
        return (session, token) => AuditLog.AppendAsync(session, entry, token);
    }
}
