namespace Orchestrator.Storage.Migrations;

/// <summary>One step of a schema, as a database and this program know it.</summary>
public sealed record MigrationStatus
{
    /// <summary>The set: <c>engine</c>, <c>tracking</c>.</summary>
    public required string Set { get; init; }

    public required int Number { get; init; }

    public required string File { get; init; }

    /// <summary>Null: not applied yet.</summary>
    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>False: a newer version of the program applied it.</summary>
    public bool IsKnown { get; init; } = true;
}
