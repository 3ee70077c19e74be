using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Values;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Access;

namespace Orchestrator.Server.Access;

/// <summary>API keys and users. A key can be given any role, so only who may administer every project may make one.</summary>
internal static class KeyEndpoints
{
    private const string Resource = "access";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/keys", ListKeysAsync).Needs(Permission.Administer).Describe(Resource, "All API keys, without what is secret of them");
        api.MapPost("/keys", CreateKeyAsync).Needs(Permission.Administer).Describe(Resource, "Makes an API key. Its text is in this answer and nowhere else", 400, 415, 422);
        api.MapDelete("/keys/{id}", RevokeKeyAsync).Needs(Permission.Administer).Describe(Resource, "Revokes an API key", 404);
        api.MapGet("/users", ListUsersAsync).Needs(Permission.Administer).Describe(Resource, "All users, with their roles");
        api.MapPut("/users/{name}", PutUserAsync).Needs(Permission.Administer).Describe(Resource, "Makes a user, gives one other roles, or takes the right to sign in", 400, 415, 422);
        api.MapPost("/users/{name}/link", LinkAsync).Needs(Permission.Administer).Describe(Resource, "Makes a link that signs a user in, once and within 15 minutes", 404);
    }

    private static async Task<Ok<KeyDocument[]>> ListKeysAsync(HttpContext context, AccessStore access)
    {
        CheckEverywhere(context);
        return TypedResults.Ok((await access.ListKeysAsync(context.RequestAborted)).Select(key => KeyDocument.Of(key)).ToArray());
    }

    private static async Task<Created<KeyDocument>> CreateKeyAsync(CreateKey create, HttpContext context, KeyMaker keys, TimeProvider time)
    {
        var caller = CheckEverywhere(context);
        if (create.Name.Trim() is not { Length: > 0 and <= 100 } name)
        {
            throw ServerErrors.WrongBody("\"name\" should have 1 to 100 characters");
        }

        TimeSpan? life = create.Expires is null ? null : Durations.TryParse(create.Expires, out var given) && given > TimeSpan.Zero ? given : throw ServerErrors.WrongBody("\"expires\" is no duration", "Write it as 90d, 12h or 30m.");
        var (key, text) = await keys.CreateKeyAsync(name, create.Roles, create.Scripts, life, caller.Did("key.create", null, null, time.GetUtcNow()), context.RequestAborted);
        return TypedResults.Created($"/api/v1/keys/{key.Id}", KeyDocument.Of(key) with { Key = text });
    }

    private static async Task<NoContent> RevokeKeyAsync(string id, HttpContext context, AccessStore access, TimeProvider time)
    {
        var caller = CheckEverywhere(context);
        return await access.RevokeKeyAsync(id, caller.Did("key.revoke", $"key {id}", null, time.GetUtcNow()), context.RequestAborted)
            ? TypedResults.NoContent()
            : throw ServerErrors.NoSuchKey(id);
    }

    private static async Task<Ok<UserDocument[]>> ListUsersAsync(HttpContext context, AccessStore access)
    {
        CheckEverywhere(context);
        return TypedResults.Ok((await access.ListUsersAsync(context.RequestAborted)).Select(UserDocument.Of).ToArray());
    }

    private static async Task<Ok<UserDocument>> PutUserAsync(string name, PutUser put, HttpContext context, AccessStore access, TimeProvider time)
    {
        var caller = CheckEverywhere(context);
        if (name.Trim() is not { Length: > 0 and <= 100 } || name.Any(char.IsControl))
        {
            throw ServerErrors.WrongBody("a user's name should have 1 to 100 characters");
        }

        RoleGrant[] roles = [.. put.Roles.Select(Roles.Parse)];
        var entry = caller.Did("user.change", $"user {name}", null, time.GetUtcNow(), new { put.Roles, put.Disabled });
        if (!await access.ChangeUserAsync(name, roles, put.Disabled, entry, context.RequestAborted))
        {
            await access.AddUserAsync(name, roles, entry with { Action = "user.create" }, context.RequestAborted);
        }

        return TypedResults.Ok(UserDocument.Of(await access.FindUserAsync(name, context.RequestAborted) ?? throw new InvalidOperationException($"the user {name} was written and is not there")));
    }

    private static async Task<Ok<LinkDocument>> LinkAsync(string name, HttpContext context, AccessStore access, KeyMaker keys, TimeProvider time)
    {
        var caller = CheckEverywhere(context);
        if (await access.FindUserAsync(name, context.RequestAborted) is not { DisabledAt: null })
        {
            throw ServerErrors.NoSuchUser(name);
        }

        return TypedResults.Ok(new LinkDocument { Link = await keys.CreateLinkAsync(name, [], caller.Did("link.create", null, null, time.GetUtcNow()), context.RequestAborted) });
    }

    private static Caller CheckEverywhere(HttpContext context)
    {
        var caller = context.GetCaller();
        caller.Check(Permission.Administer, RoleGrant.EveryProject);
        return caller;
    }
}

/// <summary>A wish for an API key.</summary>
public sealed record CreateKey
{
    /// <summary>What it is for.</summary>
    public required string Name { get; init; }

    /// <summary>Each as <c>ROLE</c> or <c>PROJECT:ROLE</c>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>True: may register C# scripts, which is running code on the server.</summary>
    public bool Scripts { get; init; }

    /// <summary>After how long it expires: <c>90d</c>; absent: never.</summary>
    public string? Expires { get; init; }
}

/// <summary>An API key.</summary>
public sealed record KeyDocument
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<RoleDocument> Roles { get; init; }

    public required bool Scripts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public string? RevokedBy { get; init; }

    /// <summary>The key itself; only in the answer that makes it.</summary>
    public string? Key { get; init; }

    internal static KeyDocument Of(ApiKeyInfo key) => new()
    {
        Id = key.Id, Name = key.Name, Roles = [.. key.Roles.Select(RoleDocument.Of)], Scripts = key.Scripts, CreatedAt = key.CreatedAt, CreatedBy = key.CreatedBy, ExpiresAt = key.ExpiresAt,
        LastUsedAt = key.LastUsedAt, RevokedAt = key.RevokedAt, RevokedBy = key.RevokedBy,
    };
}

/// <summary>What a user may do.</summary>
public sealed record PutUser
{
    /// <summary>Each as <c>ROLE</c> or <c>PROJECT:ROLE</c>.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>True: may not sign in, and is signed out everywhere.</summary>
    public bool Disabled { get; init; }
}

/// <summary>A user.</summary>
public sealed record UserDocument
{
    public required string Name { get; init; }

    public required IReadOnlyList<RoleDocument> Roles { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset? DisabledAt { get; init; }

    internal static UserDocument Of(UserInfo user) => new()
    {
        Name = user.Name, Roles = [.. user.Roles.Select(RoleDocument.Of)], CreatedAt = user.CreatedAt, CreatedBy = user.CreatedBy, DisabledAt = user.DisabledAt,
    };
}

/// <summary>A sign-in link.</summary>
public sealed record LinkDocument
{
    /// <summary>Path and query, behind the server's address.</summary>
    public required string Link { get; init; }
}
