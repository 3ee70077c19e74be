using Microsoft.AspNetCore.Http;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Server.Access;

/// <summary>How a caller is known.</summary>
public static class CallerKinds
{
    /// <summary>A person with a cookie.</summary>
    public const string User = "user";

    /// <summary>A program with an API key.</summary>
    public const string Key = "key";

    /// <summary>Somebody with a token of the identity provider.</summary>
    public const string Token = "token";

    /// <summary>Somebody who can read the home, and so could change the database by hand.</summary>
    public const string Local = "local";
}

/// <summary>Who makes a request, and what that one may do.</summary>
public sealed record Caller
{
    public required string Name { get; init; }

    /// <summary>One of <see cref="CallerKinds"/>.</summary>
    public required string Via { get; init; }

    public required IReadOnlyList<RoleGrant> Roles { get; init; }

    /// <summary>True: an API key that was granted scripts.</summary>
    public bool Scripts { get; init; }

    /// <summary>What a page must send beside the cookie; null: no cookie is involved.</summary>
    public string? Csrf { get; init; }

    /// <summary>The hash of the session; null: there is none.</summary>
    internal string? Session { get; init; }

    public bool May(Permission permission, string project) => permission == Permission.RegisterScripts
        ? MayRegisterScripts(project)
        : Roles.Any(grant => Covers(grant, project) && Access.Roles.Grants(grant.Role, permission));

    /// <summary>In some project at least.</summary>
    public bool MaySomewhere(Permission permission) => Roles.Any(grant => May(permission, grant.Project));

    /// <summary>The projects where the caller has a permission; null: all.</summary>
    public IReadOnlyList<string>? ProjectsWith(Permission permission) =>
        May(permission, RoleGrant.EveryProject) ? null : [.. Roles.Select(grant => grant.Project).Where(project => May(permission, project)).Distinct()];

    /// <exception cref="ProblemException">The caller may not (ORC6022).</exception>
    public void Check(Permission permission, string project)
    {
        if (!May(permission, project))
        {
            throw permission == Permission.RegisterScripts ? ServerErrors.NoScripts(Name) : ServerErrors.NotAllowed(Name, Access.Roles.Words(permission), project);
        }
    }

    /// <summary>An entry of the audit log about something that the caller does.</summary>
    public AuditEntry Did(string action, string? target, string? project, DateTimeOffset now, object? details = null) => new()
    {
        At = now, Actor = Name, Via = Via, Action = action, Target = target, Project = project, Details = details is null ? null : System.Text.Json.JsonSerializer.SerializeToElement(details, Core.Values.OrcJson.Options),
    };

    /// <summary>Code is a permission of its own. A key has it when it was granted; a person when he may do everything in the project.</summary>
    private bool MayRegisterScripts(string project) => Via == CallerKinds.Key
        ? Scripts && May(Permission.Register, project)
        : May(Permission.Administer, project) && May(Permission.Register, project);

    private static bool Covers(RoleGrant grant, string project) => grant.Project == RoleGrant.EveryProject || grant.Project == project;
}

internal static class CallerFeature
{
    private static readonly object Key = new();

    /// <summary>Who makes the request. Set for every endpoint that is not open.</summary>
    public static Caller GetCaller(this HttpContext context) =>
        context.FindCaller() ?? throw new InvalidOperationException($"{context.Request.Path} is open, and asks who calls");

    public static Caller? FindCaller(this HttpContext context) => context.Items[Key] as Caller;

    public static void SetCaller(this HttpContext context, Caller caller) => context.Items[Key] = caller;
}
