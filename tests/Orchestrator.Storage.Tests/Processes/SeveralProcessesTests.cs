using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Tests.Conformance;
using Orchestrator.Storage.Tests.PostgreSql;
using Orchestrator.Storage.Tests.Sqlite;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Storage.Tests.Processes;

/// <summary>Real processes on one database: several at once, and some that die.</summary>
[TestFixture("sqlite")]
[TestFixture("postgres")]
internal sealed class SeveralProcessesTests(string dialect)
{
    private readonly DatabaseProvider provider = dialect == "sqlite" ? new SqliteProvider() : new PostgreSqlProvider();
    private string url = "";

    [SetUp]
    public void CreateUrl()
    {
        url = provider.CreateUrl();
        if (dialect == "postgres")
        {
            // Programs that make a table at the same moment get in each other's way there; migrations take turns, and this table is in none.
            PostgreSqlServer.Instance.Run($"SET search_path = {PostgreSqlServer.SchemaOf(url)}; {WriterProcess.CreatePairs}");
        }
    }

    [TearDown]
    public void Remove() => provider.Remove(url);

    [Test]
    public async Task ThreeProcessesThatStartTogetherMakeTheDatabaseAndWriteAllTheyHave()
    {
        var processes = new[] { "a", "b", "c" }.Select(name => WriterProcess.Start(url, name, 50)).ToList();
        var errors = await Task.WhenAll(processes.Select(process => process.StandardError.ReadToEndAsync()));
        await Task.WhenAll(processes.Select(process => process.WaitForExitAsync()));

        Assert.That(errors, Is.All.Empty);
        Assert.That(processes.Select(process => process.ExitCode), Is.All.Zero);
        Assert.That((await PairsAsync()).Values, Is.All.EqualTo(50));
        processes.ForEach(process => process.Dispose());
    }

    [Test]
    public async Task AfterAKillWhatWasAcknowledgedIsThereAndNothingIsHalf([Values(1, 40, 400, 1500)] int afterLines)
    {
        using var process = WriterProcess.Start(url, "w", 1_000_000);
        var acknowledged = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var line = 0; line < afterLines; line++)
        {
            Remember(await process.StandardOutput.ReadLineAsync());
        }

        process.Kill();
        await process.WaitForExitAsync();
        // What it had printed before it died counts too. The last line may be cut off.
        var rest = await process.StandardOutput.ReadToEndAsync();
        foreach (var line in rest.Split('\n')[..^1])
        {
            Remember(line);
        }

        var stored = await PairsAsync();
        foreach (var (writer, number) in acknowledged)
        {
            Assert.That(stored[writer], Is.GreaterThanOrEqualTo(number), writer);
        }

        void Remember(string? line)
        {
            var parts = line?.Split(' ') ?? throw new InvalidOperationException($"the writer ended: {process.StandardError.ReadToEnd()}");
            acknowledged[parts[0]] = int.Parse(parts[1], null);
        }
    }

    /// <summary>The highest number of each writer, after checking that its pairs are whole and have no gap.</summary>
    private async Task<Dictionary<string, int>> PairsAsync()
    {
        await using var database = await OrcDatabase.OpenAsync(url, new DatabaseOptions { Migrations = [EngineStores.Migrations] });
        Assert.That(await database.CheckAsync(CancellationToken.None), Is.Empty);
        var rows = await database.ReadAsync(
            (session, token) => session.QueryAsync<Count>("SELECT writer, MAX(number) AS highest, COUNT(*) AS halves FROM pairs GROUP BY writer", null, token), CancellationToken.None);
        foreach (var row in rows)
        {
            Assert.That(row.Halves, Is.EqualTo(2 * row.Highest), $"pairs of {row.Writer}");
        }

        return rows.ToDictionary(row => row.Writer, row => row.Highest, StringComparer.Ordinal);
    }

    private sealed class Count
    {
        public required string Writer { get; init; }

        public required int Highest { get; init; }

        public required int Halves { get; init; }
    }
}
