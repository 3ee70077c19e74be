using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Versions;
using Orchestrator.Testing;

namespace Orchestrator.Data.Tests.Sources;

/// <summary>Which type a column of texts gets: one that loses nothing, decided by all values.</summary>
public sealed class ColumnTypesTests
{
    private readonly ActivityEnvironment environment = new();

    [TearDown]
    public void TearDown() => environment.Dispose();

    [TestCase("1|2|-3", ColumnType.Integer)]
    [TestCase("9223372036854775807|-9223372036854775808", ColumnType.Integer)]
    [TestCase("1|2.5|-.5|3.|1e3|-1.5E-7", ColumnType.Number)]
    [TestCase("1|nan|inf|-Infinity", ColumnType.Number)]
    [TestCase("00123|00124", ColumnType.Text)]
    [TestCase("1|00124", ColumnType.Text)]
    [TestCase("+49|+50", ColumnType.Text)]
    [TestCase("12345678901234567890|1", ColumnType.Text)]
    [TestCase("12345678901234567890|1.5", ColumnType.Number)]
    [TestCase("nan|nan", ColumnType.Text)]
    [TestCase("1e999|1", ColumnType.Text)]
    [TestCase("yes|no", ColumnType.Text)]
    [TestCase("true|FALSE", ColumnType.Boolean)]
    [TestCase("t|f", ColumnType.Text)]
    [TestCase("0|1", ColumnType.Integer)]
    [TestCase("2026-01-31|2024-02-29", ColumnType.Date)]
    [TestCase("2026-02-29|2026-01-01", ColumnType.Text)]
    [TestCase("31/01/2026|01/02/2026", ColumnType.Text)]
    [TestCase("2026-01-31 10:00|2026-01-31T10:00:01.25", ColumnType.Timestamp)]
    [TestCase("2026-01-31|2026-01-31 10:00:00", ColumnType.Timestamp)]
    [TestCase("2026-01-31T10:00:00Z|2026-01-31T12:00:00+02:00", ColumnType.Timestamp)]
    [TestCase("2026-01-31T10:00:00Z|2026-01-31T10:00:00", ColumnType.Text)]
    [TestCase("2026-01-31 10:00:00.1234567|2026-01-31 10:00:00", ColumnType.Text)]
    [TestCase("a|1", ColumnType.Text)]
    [TestCase(" 1| 2 ", ColumnType.Integer)]
    [TestCase("0x10|1", ColumnType.Text)]
    [TestCase("1_000|2", ColumnType.Text)]
    [TestCase("-|1", ColumnType.Text)]
    public async Task Values_GiveType(string values, ColumnType expected)
    {
        var lines = values.Split('|').SelectMany((value, index) => new[] { $"{index},{value}", $"{index}," });
        var version = await environment.DatasetAsync($"n,v\n{string.Join('\n', lines)}\n");
        Assert.That(version.Columns[1].Type, Is.EqualTo(expected));
        Assert.That(version.Rows, Is.EqualTo(2 * values.Split('|').Length));
    }

    [Test]
    public async Task ZonedTimes_AreBroughtToUtc()
    {
        var version = await environment.DatasetAsync("n,t\n1,2026-01-31T12:00:00+02:00\n2,1970-01-01T00:00:01Z\n");
        var table = await new Data.Tables.DuckDbTableReader().ReadAsync(environment.Artifacts.PathOf(version.Data), ["t"], default);
        var expected = new DateTimeOffset(2026, 1, 31, 10, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        Assert.That(((NumberColumn)table.Columns[0]).Values, Is.EqualTo(new double[] { expected, 1 }));
    }

    [Test]
    public async Task SpoiledNumberColumn_IsExplained()
    {
        await environment.DatasetAsync("n,v\n1,5\n2,NA\n3,7\n");
        Assert.That(environment.Lines, Has.Some.EqualTo("column \"v\" is text because of \"NA\" in line 3; if that means a missing value, name it in missing"));
        environment.WriteFile("t.csv", "n,v\n1,5\n2,NA\n3,7\n4,?\n");
        await environment.RunAsync(new SnapshotDataset { Source = "t.csv", Name = "table", Missing = ["NA", "?"] });
        Assert.That(environment.Output<DatasetRef>("version").Columns[1].Type, Is.EqualTo(ColumnType.Integer));
    }

    [TestCase("a;b\n1;2\n", "a", "b")]
    [TestCase("a|b\n1|2\n", "a", "b")]
    [TestCase("a\tb\n1\t2\n", "a", "b")]
    [TestCase("\"a;x\",b\n1,2\n", "a;x", "b")]
    [TestCase("\"say \"\"hi\"\"\",b\r\n1,2\r\n", "say \"hi\"", "b")]
    [TestCase("one\n1\n\n3\n", "one")]
    [TestCase(",b\n1,2\n", "column_1", "b")]
    public async Task Headers_AreRead(string text, params string[] names)
    {
        var version = await environment.DatasetAsync(text);
        Assert.That(version.Columns.Select(c => c.Name), Is.EqualTo(names));
    }

    [Test]
    public async Task QuotedValues_KeepDelimitersQuotesAndLineEnds()
    {
        var version = await environment.DatasetAsync("id,note\r\n1,\"a,b\"\r\n2,\"say \"\"hi\"\"\"\r\n3,\"two\r\nlines\"\r\n4,\"\"\r\n\r\n");
        var table = await new Data.Tables.DuckDbTableReader().ReadAsync(environment.Artifacts.PathOf(version.Data), null, default);
        Assert.That(((TextColumn)table.Columns[1]).Values, Is.EqualTo(new[] { "a,b", "say \"hi\"", "two\r\nlines", null }));
    }

    [Test]
    public async Task JsonLines_GiveTypesAndMissingMembers()
    {
        environment.WriteFile("t.jsonl", """
            {"id":1,"name":"Anna","when":"2026-01-31","ok":true,"code":"00123","tags":["a"]}

            {"id":2,"name":"Bert","when":"2026-02-01","score":1.5,"tags":null}
            """);
        var version = await environment.SnapshotAsync("t.jsonl");
        Assert.That(
            version.Columns.Select(c => $"{c.Name}:{c.Type}"),
            Is.EqualTo(new[] { "id:Integer", "name:Text", "when:Date", "ok:Boolean", "code:Text", "tags:Text", "score:Number" }));
        var table = await new Data.Tables.DuckDbTableReader().ReadAsync(environment.Artifacts.PathOf(version.Data), ["score", "tags", "ok"], default);
        Assert.That(((NumberColumn)table.Columns[0]).Values, Is.EqualTo(new[] { double.NaN, 1.5 }));
        Assert.That(((TextColumn)table.Columns[1]).Values, Is.EqualTo(new[] { "[\"a\"]", null }));
        Assert.That(((NumberColumn)table.Columns[2]).Values, Is.EqualTo(new[] { 1, double.NaN }));
    }

    [Test]
    public async Task TsvAndParquet_GiveTheSameRows()
    {
        var fromTsv = await environment.DatasetAsync("a\tb\n1\tx\n2\ty, z\n", "t.tsv");
        var parquet = Path.Combine(environment.BaseDirectory, "copy.parquet");
        File.Copy(environment.Artifacts.PathOf(fromTsv.Data), parquet);
        var fromParquet = await environment.SnapshotAsync("copy.parquet");
        Assert.That(fromParquet.Columns, Is.EqualTo(fromTsv.Columns));
        Assert.That(fromParquet.Data.Hash, Is.EqualTo(fromTsv.Data.Hash));
        Assert.That(fromParquet.Version, Is.Not.EqualTo(fromTsv.Version), "other bytes are another version");
    }
}
