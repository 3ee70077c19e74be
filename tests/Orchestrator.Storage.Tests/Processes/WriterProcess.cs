using System.Diagnostics;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Tests.Processes;

/// <summary>This test library as a program that writes, so that tests can kill it.</summary>
internal static class WriterProcess
{
    /// <summary>Both rows of a pair are written by one operation.</summary>
    public const string CreatePairs = "CREATE TABLE IF NOT EXISTS pairs (writer TEXT NOT NULL, number INTEGER NOT NULL, half INTEGER NOT NULL, PRIMARY KEY (writer, number, half))";

    private static readonly SqlStatement InsertPair = new("INSERT INTO pairs (writer, number, half) VALUES (@p0, @p1, @p2)");

    /// <summary><c>write URL NAME COUNT</c>: eight writers at once, each writes COUNT pairs and prints <c>WRITER NUMBER</c> after each one is acknowledged. <c>measure URL</c>: see <see cref="Measurements"/>.</summary>
    public static async Task<int> Main(string[] args)
    {
        if (args is ["measure", var measured])
        {
            await Measurements.RunAsync(measured);
            return 0;
        }

        if (args is not ["write", var url, var name, var count])
        {
            return 2;
        }

        await using var database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        await database.WriteAsync((session, token) => session.ExecuteAsync(CreatePairs, null, token), CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => WriteAsync(database, $"{name}{i}", int.Parse(count, null))));
        return 0;
    }

    public static Process Start(string url, string name, int count)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var arg in new[] { "exec", typeof(WriterProcess).Assembly.Location, "write", url, name, count.ToString(System.Globalization.CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(arg);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    private static async Task WriteAsync(OrcDatabase database, string writer, int count)
    {
        for (var number = 1; number <= count; number++)
        {
            await database.WriteAsync(
                async (session, token) =>
                {
                    await session.ExecuteRowsAsync(InsertPair, [[writer, number, 1]], token);
                    await session.ExecuteRowsAsync(InsertPair, [[writer, number, 2]], token);
                },
                CancellationToken.None);
            await Console.Out.WriteLineAsync($"{writer} {number}");
        }
    }
}
