using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Servers;

/// <summary>The one table that the kit itself needs on a server: receipts of writes, which tell what became of a commit whose answer was lost.</summary>
internal static class ServerTables
{
    public static IReadOnlyList<MigrationSet> Migrations { get; } = [MigrationSet.FromResources("receipts", typeof(ServerTables).Assembly, "Servers")];
}
