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

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILogger Logger { get; init; } = NullLogger.Instance;
}
