using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Data.Profiling;
using Orchestrator.Data.Versions;
using Orchestrator.Testing;

namespace Orchestrator.Data.Tests.Versions;

public sealed class SnapshotDatasetTests
{
    private readonly ActivityEnvironment environment = new();

    [TearDown]
    public void TearDown() => environment.Dispose();

    private async Task<DatasetProfile> ProfileAsync() =>
        JsonSerializer.Deserialize<DatasetProfile>(await File.ReadAllTextAsync(environment.Artifacts.PathOf(environment.Output<ArtifactRef>("profile"))), OrcJson.Options)!;

    [Test]
    public async Task SameBytes_AreTheSameVersionAndTheSameParquet()
    {
        // Several row groups, so that the order in which they are written would show.
        var text = "id,group,value\n" + string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i},g{i % 7},{(i * 2654435761L) % 1000 / 8.0}\n"));
        var first = await environment.DatasetAsync(text, "a.csv");
        var second = await environment.DatasetAsync(text, "b.csv");
        Assert.That(second.Version, Is.EqualTo(first.Version));
        Assert.That(second.Data.Hash, Is.EqualTo(first.Data.Hash));
        Assert.That(first.Version, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))));
        Assert.That(first.Rows, Is.EqualTo(300_000));
    }

    [Test]
    public async Task Fingerprint_IsTheHashOfTheBytes()
    {
        environment.WriteFile("t.csv", "a\n1\n");
        var activity = new SnapshotDataset { Source = "t.csv", Name = "t" };
        var context = new FingerprintContext { BaseDirectory = environment.BaseDirectory, Cancellation = default };
        var before = await ActivityRunner.FingerprintAsync(activity, context);
        environment.WriteFile("t.csv", "a\n2\n");
        Assert.That(await ActivityRunner.FingerprintAsync(activity, context), Is.Not.EqualTo(before).And.Length.EqualTo(64));
        File.Delete(Path.Combine(environment.BaseDirectory, "t.csv"));
        Assert.That(await ActivityRunner.FingerprintAsync(activity, context), Is.Null);
    }

    [Test]
    public async Task Profile_CountsWhatIsThere()
    {
        await environment.DatasetAsync("n,f,t,d\n1,1.5,a,2026-01-01\n2,nan,b,2026-01-03\n0,inf,a,\n,2.5,,2026-01-02\n5,0,a,2026-01-01\n");
        var profile = await ProfileAsync();
        var n = profile.Columns[0];
        Assert.Multiple(() =>
        {
            Assert.That(profile.Rows, Is.EqualTo(5));
            Assert.That((n.Count, n.Nulls, n.Distinct, n.Min, n.Max, n.Mean, n.Zeros), Is.EqualTo((4L, 1L, 4L, "0", "5", (double?)2.0, (long?)1L)));
            Assert.That(n.StandardDeviation, Is.EqualTo(Math.Sqrt(14.0 / 3)).Within(1e-12));
            Assert.That(n.Quantiles![2], Is.EqualTo(1.5));
            Assert.That(n.Histogram!.Counts.Sum(), Is.EqualTo(4));
            Assert.That(n.Histogram.Counts[^1], Is.EqualTo(1), "the last bin has its upper end");
            var f = profile.Columns[1];
            Assert.That((f.Count, f.Nulls, f.NaNs, f.Infinities), Is.EqualTo((4L, 0L, (long?)1L, (long?)1L)));
            Assert.That(f.Mean, Is.EqualTo(4.0 / 3).Within(1e-12), "infinities are left out");
            var t = profile.Columns[2];
            Assert.That((t.Nulls, t.Distinct, t.Top[0].Value, t.Top[0].Count), Is.EqualTo((1L, 2L, "a", 3L)));
            Assert.That((profile.Columns[3].Min, profile.Columns[3].Max), Is.EqualTo(("2026-01-01", "2026-01-03")));
        });
    }

    [Test]
    public async Task ColumnWithoutValues_IsKeptAndTold()
    {
        var version = await environment.DatasetAsync("a,b\n1,\n2,\n");
        Assert.That(version.Columns[1].Type, Is.EqualTo(ColumnType.Text));
        Assert.That(environment.Lines, Has.Some.Contains("column \"b\" has no value"));
        Assert.That((await ProfileAsync()).Columns[1].Count, Is.Zero);
    }

    [Test]
    public async Task OddColumnNames_AreData()
    {
        var version = await environment.DatasetAsync("\"a \"\"b\"\"\",\"it's; DROP TABLE t\",\"ünï\",$x\n1,2,3,4\n5,6,7,8\n");
        Assert.That(version.Columns, Has.Count.EqualTo(4));
        var held = await environment.JudgeAsync(version, [.. version.Columns.Select(c => new Data.Validation.Expectation { Column = c.Name, NotNull = true, Unique = true, Increasing = true, Finite = true })]);
        Assert.That(held.Values, Has.All.True);
    }
}
