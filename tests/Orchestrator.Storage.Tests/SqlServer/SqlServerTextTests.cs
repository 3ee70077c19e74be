using Orchestrator.Storage.Servers;
using Orchestrator.Storage.SqlServer;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Storage.Tests.SqlServer;

/// <summary>The T-SQL that is not in .sql files; those are read in Orchestrator.Architecture.Tests.</summary>
[TestFixture]
internal sealed class SqlServerTextTests
{
    [Test]
    public async Task TheDialectsOwnStatementsAreUnderstoodByMicrosoftsParser()
    {
        await using var dialect = SqlServerDialect.Create("Server=127.0.0.1,1;Database=orc;Integrated Security=true");

        Assert.That(TSqlRules.Check(dialect.LockForMigrations), Is.Empty);
        Assert.That(TSqlRules.Check(dialect.ListColumns.For(dialect.Dialect)), Is.Empty);
        Assert.That(dialect.DisplayName, Is.EqualTo("sqlserver://127.0.0.1,1/orc"));
    }

    [Test]
    public async Task AStatementWithSeveralPartsIsOneCommandWithTheValuesItNames()
    {
        await using var dialect = SqlServerDialect.Create("Server=127.0.0.1,1;Database=orc;Integrated Security=true");
        var part = dialect.ToPositional("UPDATE t SET a = @p1 WHERE id = @p0;\nINSERT INTO t (id, a) SELECT @p0, @p1 WHERE NOT EXISTS (SELECT 1 FROM t WHERE id = @p0);").Single();

        Assert.That(part.Values, Is.EqualTo(new[] { 0, 1 }));
        var missing = (Microsoft.Data.SqlClient.SqlParameter)dialect.CreateParameter(11, null, ColumnKind.Integer);
        Assert.That((missing.ParameterName, missing.SqlDbType), Is.EqualTo(("@p11", System.Data.SqlDbType.BigInt)));
    }

    [Test]
    public void PostgreSqlNumbersTheValuesOfEachPartWithoutGaps()
    {
        var parts = PositionalText.Split("UPDATE pools SET size = size WHERE name = @p2;\nUPDATE t SET a = @p10 WHERE id = @p2").Select(text => (PositionalText.ToDollars(text), PositionalText.UsedIn(text))).ToList();

        Assert.That(parts[0], Is.EqualTo(("UPDATE pools SET size = size WHERE name = $1", new[] { 2 })));
        Assert.That(parts[1], Is.EqualTo(("UPDATE t SET a = $2 WHERE id = $1", new[] { 2, 10 })));
    }
}
