using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Audit;

/// <summary>That somebody changed something.</summary>
public sealed record AuditEntry
{
    public required DateTimeOffset At { get; init; }

    /// <summary>Who.</summary>
    public required string Actor { get; init; }

    /// <summary>How the actor was known: <c>user</c>, <c>key</c>, <c>token</c>, <c>folder</c>, <c>local</c>.</summary>
    public required string Via { get; init; }

    /// <summary>What was done, as noun and verb: <c>pipeline.register</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: <c>pipeline churn</c>, <c>run 01M8…</c>.</summary>
    public string? Target { get; init; }

    public string? Project { get; init; }

    /// <summary>What else there is to know. Never a secret.</summary>
    public JsonElement? Details { get; init; }
}

/// <summary>An entry in its place in the chain.</summary>
public sealed record AuditRow
{
    /// <summary>1, 2, … without gaps.</summary>
    public required long Seq { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Actor { get; init; }

    public required string Via { get; init; }

    public required string Action { get; init; }

    public string? Target { get; init; }

    public string? Project { get; init; }

    public JsonElement? Details { get; init; }

    /// <summary>The hash of the row before; empty for the first.</summary>
    public required string Previous { get; init; }

    /// <summary>SHA-256 of <see cref="Previous"/> and of the canonical JSON of the other members, 64 lowercase hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>The hash that the row should have.</summary>
    public string ComputeHash()
    {
        var content = CanonicalJson.Write(JsonSerializer.SerializeToElement(
            new { seq = Seq, at = Databases.TypeConversions.ToMicroseconds(At), actor = Actor, via = Via, action = Action, target = Target, project = Project, details = Details }));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Previous}\n{content}")));
    }
}

/// <summary>Which rows to list, newest first.</summary>
public sealed record AuditFilter
{
    public string? Actor { get; init; }

    public string? Action { get; init; }

    public string? Target { get; init; }

    /// <summary>The last row of the page before; null: from the newest.</summary>
    public long? Before { get; init; }

    /// <summary>1..1000.</summary>
    public int Limit { get; init; } = 50;
}

/// <summary>What a look at the whole chain came to.</summary>
public sealed record AuditVerdict
{
    /// <summary>How many rows are true to their hashes, from the first on.</summary>
    public required long Sound { get; init; }

    /// <summary>The hash of the last sound row. Kept somewhere else it proves later that nothing up to here was rewritten.</summary>
    public required string Head { get; init; }

    /// <summary>What is wrong with the first row that is not; null: nothing.</summary>
    public string? Problem { get; init; }
}
