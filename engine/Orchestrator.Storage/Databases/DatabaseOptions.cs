using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Databases;

/// <summary>How a database is opened.</summary>
public sealed class DatabaseOptions
{
    /// <summary>Brought up to date while opening, in this order. Default: none.</summary>
    public IReadOnlyList<MigrationSet> Migrations { get; init; } = [];

    /// <summary>How long a write waits while another process holds the lock, before it fails as <see cref="StorageErrorKind.Busy"/>. Default 60 s.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many operations may wait for the writer before callers wait for room, ≥ 1. Default 4096.</summary>
    public int QueueLength { get; init; } = 4096;

    /// <summary>The most operations in one transaction, ≥ 1. Larger: more throughput under load; smaller: shorter waits for the others. Default 512.</summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>How many reads may run at once, ≥ 1; more wait. Default 8.</summary>
    public int Readers { get; init; } = 8;

    /// <summary>
    /// How long a write that asks for <see cref="Durability.Deferred"/> may be in the hands of the operating system before it is on the disk. Default 20 ms.
    /// Zero (<c>full</c>): every write is on the disk before it is answered. Larger: fewer syncs, and more work to do again after a power cut.
    /// </summary>
    public TimeSpan SyncWithin { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>What the environment variable ORC_SYNC means: <c>full</c>, or milliseconds; the default when it is not set.</summary>
    /// <exception cref="StorageException">It is something else (ORC5145).</exception>
    public static TimeSpan SyncWithinOf(string? setting) => setting switch
    {
        null or "" => new DatabaseOptions().SyncWithin,
        "full" => TimeSpan.Zero,
        _ when int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= 10_000 => TimeSpan.FromMilliseconds(milliseconds),
        _ => throw StorageErrors.UnknownSync(setting),
    };

    /// <summary>Tells a test how many bytes of the log are on the disk.</summary>
    internal Action<long>? OnSynced { get; init; }

    /// <summary>Nothing is made or changed while opening, and only reading is meant.</summary>
    internal bool OnlyLooks { get; init; }

    /// <summary>
    /// For commands that only look at a home that cannot be written: every write is refused. A SQLite file is then read as it is; a schema that is not up to date is refused. Servers take no notice.
    /// </summary>
    public bool ReadOnly { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
