using System.Text.Json;

namespace Orchestrator.Storage.Access;

/// <summary>A role in a project.</summary>
public sealed record RoleGrant
{
    /// <summary>Every project.</summary>
    public const string EveryProject = "*";

    /// <summary>A project's name, or <see cref="EveryProject"/>.</summary>
    public required string Project { get; init; }

    /// <summary>A word of the server: <c>viewer</c>, <c>operator</c>, <c>author</c>, <c>approver</c>, <c>admin</c>. Stored as it is.</summary>
    public required string Role { get; init; }
}

/// <summary>A person who signs in.</summary>
public sealed record UserInfo
{
    public required string Name { get; init; }

    public required IReadOnlyList<RoleGrant> Roles { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Null: may sign in.</summary>
    public DateTimeOffset? DisabledAt { get; init; }
}

/// <summary>A key with which a program comes. The key itself is not stored.</summary>
public sealed record ApiKeyInfo
{
    /// <summary>The part of the key that is no secret.</summary>
    public required string Id { get; init; }

    /// <summary>What it is for, in the words of who made it.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the secret part, in lowercase hexadecimal.</summary>
    public required string Hash { get; init; }

    public required IReadOnlyList<RoleGrant> Roles { get; init; }

    /// <summary>True: may register C# scripts where its roles let it register pipelines.</summary>
    public required bool Scripts { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>Null: does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>To the minute; null: never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public string? RevokedBy { get; init; }
}

/// <summary>A person who is signed in.</summary>
public sealed record SignInSession
{
    /// <summary>SHA-256 of the cookie's value.</summary>
    public required string Hash { get; init; }

    public required string UserName { get; init; }

    /// <summary>What a page must send beside the cookie to change anything.</summary>
    public required string Csrf { get; init; }

    public required IReadOnlyList<RoleGrant> Roles { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Roles as a column has them.</summary>
internal static class RoleColumn
{
    public static string Write(IReadOnlyList<RoleGrant> roles) => JsonSerializer.Serialize(roles, Core.Values.OrcJson.Options);

    public static IReadOnlyList<RoleGrant> Read(JsonElement roles) => roles.Deserialize<RoleGrant[]>(Core.Values.OrcJson.Options) ?? [];
}
