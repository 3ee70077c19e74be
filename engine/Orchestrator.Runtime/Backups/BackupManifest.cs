namespace Orchestrator.Runtime.Backups;

/// <summary>What a backup holds: the file <c>backup.json</c> in it, which is written last. A folder without it is no whole backup.</summary>
public sealed record BackupManifest
{
    public const string FileName = "backup.json";

    /// <summary>The layout that this program writes. Raised only when an older program could no longer restore it.</summary>
    public const int KnownFormat = 1;

    public required int Format { get; init; }

    /// <summary>The version of the program that wrote it.</summary>
    public required string Program { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>The home that it is of.</summary>
    public required string Home { get; init; }

    /// <summary>The layout of the home.</summary>
    public required int HomeFormat { get; init; }

    /// <summary>The database that it is of, without a password.</summary>
    public required string Database { get; init; }

    public required string Dialect { get; init; }

    /// <summary>True: it has the key of the secrets, so whoever has it can read them.</summary>
    public required bool HasKey { get; init; }

    /// <summary>True: there are secrets in the database.</summary>
    public required bool HasSecrets { get; init; }

    /// <summary>Every file but this one, by path.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }
}

/// <summary>A file of a backup.</summary>
public sealed record BackupFile
{
    /// <summary>Below the folder, with <c>/</c> on every system.</summary>
    public required string Path { get; init; }

    public required long Bytes { get; init; }

    public required string Sha256 { get; init; }
}

/// <summary>What is wrong with a file of a backup.</summary>
/// <param name="Path">Below the folder.</param>
/// <param name="What">In words: <c>is missing</c>.</param>
public readonly record struct BackupDamage(string Path, string What);
