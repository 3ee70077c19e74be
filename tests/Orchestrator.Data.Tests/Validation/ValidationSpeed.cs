using System.Diagnostics;
using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;
using Orchestrator.Data.Validation;
using static Orchestrator.Data.Validation.ExpectationFunctions;

namespace Orchestrator.Data.Tests.Validation;

/// <summary>Measures the twenty rules of the README against the same aggregates written by hand. Prints; asserts only that both count the same.</summary>
[Explicit("a measurement of minutes, not a test: dotnet test -c Release --filter FullyQualifiedName~ValidationSpeed -- NUnit.DefaultTimeout=0")]
public sealed class ValidationSpeed
{
    private static readonly Expectation[] Rules =
    [
        RowCount(atLeast: 1000),
        Column("id").NotNull(), Column("n1").NotNull(), Column("n2").NotNull(), Column("c1").NotNull(), Column("c2").NotNull(),
        Column("n1").Between(0, 1), Column("n2").Between(0, 1), Column("n3").Between(0, 0.999), Column("n4").Between(0, 1), Column("n5").Between(0.001, 1),
        Column("n6").Mean(0.4, 0.6), Column("n7").StandardDeviation(0.2, 0.4), Column("n8").Max(atMost: 1), Column("n9").Min(atLeast: 0),
        Column("c1").InSet("a0", "a1", "a2", "a3", "a4"), Column("c2").InSet("b0", "b1", "b2"), Column("c3").Matches("^c[0-9]+$"), Column("c3").Length(2, 3),
        Column("id").Unique(),
    ];

    private const string ByHand = """
        SELECT count(*), count(id), count(n1), count(n2), count(c1), count(c2),
          count(*) FILTER (WHERE n1 < 0 OR n1 > 1), count(*) FILTER (WHERE n2 < 0 OR n2 > 1), count(*) FILTER (WHERE n3 < 0 OR n3 > 0.999),
          count(*) FILTER (WHERE n4 < 0 OR n4 > 1), count(*) FILTER (WHERE n5 < 0.001 OR n5 > 1), avg(n6), stddev_samp(n7), max(n8), min(n9),
          count(*) FILTER (WHERE c1 NOT IN ('a0', 'a1', 'a2', 'a3', 'a4')), count(*) FILTER (WHERE c2 NOT IN ('b0', 'b1', 'b2')),
          count(*) FILTER (WHERE NOT regexp_matches(c3, '^c[0-9]+$')), count(*) FILTER (WHERE length(c3) < 2 OR length(c3) > 3), count(DISTINCT id)
        FROM read_parquet('{0}')
        """;

    [TestCase(1_000_000)]
    [TestCase(10_000_000)]
    public async Task TwentyRulesAgainstTheSameByHand(int rows)
    {
        var folder = Directory.CreateTempSubdirectory("orc-speed-").FullName;
        try
        {
            var parquet = Path.Combine(folder, "t.parquet");
            using var duck = DuckSession.Open(folder, [folder]);
            var numbers = string.Join(", ", Enumerable.Range(1, 9).Select(i => $"(hash(i * {i}) % 1000000) / 1e6 AS n{i}"));
            await duck.ExecuteAsync($"COPY (SELECT i AS id, {numbers}, 'a' || (hash(i) % 5) AS c1, 'b' || (hash(i + 1) % 3) AS c2, 'c' || (hash(i + 2) % 50) AS c3 FROM range({rows}) r(i)) TO '{parquet}' (FORMAT parquet)", default);
            ColumnInfo[] columns =
            [
                new() { Name = "id", Type = ColumnType.Integer },
                .. Enumerable.Range(1, 9).Select(i => new ColumnInfo { Name = $"n{i}", Type = ColumnType.Number }),
                .. Enumerable.Range(1, 3).Select(i => new ColumnInfo { Name = $"c{i}", Type = ColumnType.Text }),
            ];
            var rules = new RuleCompiler(columns, null).Compile(Rules);
            var check = new TableCheck(duck, parquet, columns);
            var sql = string.Format(CultureInfo.InvariantCulture, ByHand.Replace("{0}", parquet, StringComparison.Ordinal));
            List<double> ours = [], byHand = [];
            for (var round = 0; round < 6; round++)
            {
                var clock = Stopwatch.StartNew();
                var results = await check.RunAsync(rules, 0, default);
                ours.Add(clock.Elapsed.TotalSeconds);
                clock.Restart();
                var expected = (await duck.QueryAsync(sql, row => row.GetInt64(8), default))[0];
                byHand.Add(clock.Elapsed.TotalSeconds);
                Assert.That(results[8].Disobeyed, Is.EqualTo(expected));
            }

            // The first round warms the file cache.
            await TestContext.Progress.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{rows} rows: rules {Median(ours):F2} s, by hand {Median(byHand):F2} s, ratio {Median(ours) / Median(byHand):F2}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Median(List<double> times) => times.Skip(1).Order().ElementAt((times.Count - 1) / 2);
}
