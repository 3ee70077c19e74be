using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>The audit log shows what was done to it.</summary>
public abstract class AuditConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private AuditLog log = null!;

    [SetUp]
    public async Task MigrateAsync()
    {
        await Database.MigrateAsync([AuditLog.Migrations], CancellationToken.None);
        log = new AuditLog(Database);
    }

    [Test]
    public async Task EntriesFormAChain()
    {
        await FillAsync(3);

        var rows = await log.ListAsync(new AuditFilter(), CancellationToken.None);

        Assert.That(rows.Select(row => (row.Seq, row.Target)), Is.EqualTo(new[] { (3L, "run 3"), (2L, "run 2"), (1L, "run 1") }));
        Assert.That(rows.Select(row => row.Previous), Is.EqualTo(new[] { rows[1].Hash, rows[2].Hash, "" }));
        Assert.That(rows[0].Details?.GetProperty("number").GetInt32(), Is.EqualTo(3));
        Assert.That(await VerifyAsync(), Is.EqualTo(new AuditVerdict { Sound = 3, Head = rows[0].Hash }));
    }

    [Test]
    public async Task AnEmptyLogIsSound() => Assert.That(await VerifyAsync(), Is.EqualTo(new AuditVerdict { Sound = 0, Head = "" }));

    [TestCase("UPDATE audit_log SET actor = 'eve' WHERE seq = 3", 2, "row 3 is not what was written")]
    [TestCase("UPDATE audit_log SET details = NULL WHERE seq = 3", 2, "row 3 is not what was written")]
    [TestCase("UPDATE audit_log SET at = at + 1 WHERE seq = 1", 0, "row 1 is not what was written")]
    [TestCase("DELETE FROM audit_log WHERE seq = 3", 2, "row 3 is missing")]
    [TestCase("DELETE FROM audit_log WHERE seq = 1", 0, "row 1 is missing")]
    [TestCase("DELETE FROM audit_log WHERE seq = 5", 4, "missing at its end")]
    [TestCase("DELETE FROM audit_log", 0, "missing at its end")]
    [TestCase("UPDATE audit_log SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3); UPDATE audit_log SET seq = -seq WHERE seq < 0", 1, "row 2 does not follow the row before it")]
    [TestCase("INSERT INTO audit_log (seq, at, actor, via, action, previous, hash) SELECT 6, at, 'eve', via, action, hash, 'made-up' FROM audit_log WHERE seq = 5", 5, "row 6 is not what was written")]
    [TestCase("DELETE FROM audit_log WHERE seq > 2; UPDATE audit_log SET seq = seq + 3", 0, "row 1 is missing")]
    public async Task WhatWasDoneToItIsFound(string tampering, int sound, string problem)
    {
        await FillAsync(5);
        await Database.WriteAsync((session, token) => session.ExecuteAsync(tampering, cancellation: token), CancellationToken.None);

        var verdict = await VerifyAsync();

        Assert.That((verdict.Sound, verdict.Problem), Is.EqualTo((sound, verdict.Problem)));
        Assert.That(verdict.Problem, Does.Contain(problem));
    }

    [Test]
    public async Task ALogThatWasComputedAnewIsFoundByAHeadThatWasNotedElsewhere()
    {
        await FillAsync(3);
        var noted = (await VerifyAsync()).Head;
        await FillAsync(2);
        Assert.That((await log.VerifyAsync(noted, CancellationToken.None)).Problem, Is.Null, "it has only grown");

        await Database.WriteAsync((session, token) => session.ExecuteAsync("DELETE FROM audit_log; DELETE FROM audit_head", cancellation: token), CancellationToken.None);
        await FillAsync(5, "eve");

        Assert.That((await VerifyAsync()).Problem, Is.Null);
        Assert.That((await log.VerifyAsync(noted, CancellationToken.None)).Problem, Does.Contain("rewritten"));
    }

    [Test]
    public async Task AnEntryGoesWithItsTransaction()
    {
        Assert.That(
            async () => await Database.WriteAsync(
                async (session, token) =>
                {
                    await AuditLog.AppendAsync(session, Entry(1), token);
                    throw new InvalidOperationException("undone");
                },
                CancellationToken.None),
            Throws.InvalidOperationException);
        await FillAsync(1);

        Assert.That(await VerifyAsync(), Has.Property(nameof(AuditVerdict.Sound)).EqualTo(1).And.Property(nameof(AuditVerdict.Problem)).Null);
    }

    [Test]
    public async Task TwoProcessesWriteOneChain()
    {
        var another = new AuditLog(await OpenAnotherAsync());

        await Task.WhenAll(Enumerable.Range(1, 40).Select(i => (i % 2 == 0 ? log : another).AppendAsync(Entry(i), CancellationToken.None)));

        Assert.That(await VerifyAsync(), Has.Property(nameof(AuditVerdict.Sound)).EqualTo(40).And.Property(nameof(AuditVerdict.Problem)).Null);
    }

    [Test]
    public async Task ItIsListedByWhoDidWhatToWhat()
    {
        await FillAsync(3);
        await FillAsync(2, "bob", "run.cancel");

        Assert.That(await SequencesAsync(new AuditFilter { Actor = "bob" }), Is.EqualTo(new[] { 5, 4 }));
        Assert.That(await SequencesAsync(new AuditFilter { Action = "run.start", Limit = 2 }), Is.EqualTo(new[] { 3, 2 }));
        Assert.That(await SequencesAsync(new AuditFilter { Action = "run.start", Before = 2 }), Is.EqualTo(new[] { 1 }));
        Assert.That(await SequencesAsync(new AuditFilter { Target = "run 2" }), Is.EqualTo(new[] { 5, 2 }));
    }

    private static AuditEntry Entry(int number, string actor = "ada", string action = "run.start") => new()
    {
        At = Start.AddTicks((number * TimeSpan.TicksPerSecond) + 7), Actor = actor, Via = "user", Action = action, Target = $"run {number}", Project = "sales", Details = Samples.Json($$"""{ "number": {{number}}, "text": "ü" }"""),
    };

    private async Task FillAsync(int count, string actor = "ada", string action = "run.start")
    {
        for (var i = 1; i <= count; i++)
        {
            await log.AppendAsync(Entry(i, actor, action), CancellationToken.None);
        }
    }

    private Task<AuditVerdict> VerifyAsync() => log.VerifyAsync(null, CancellationToken.None);

    private async Task<IEnumerable<long>> SequencesAsync(AuditFilter filter) => (await log.ListAsync(filter, CancellationToken.None)).Select(row => row.Seq);
}
