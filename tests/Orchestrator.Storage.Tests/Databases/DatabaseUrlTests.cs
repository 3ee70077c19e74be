using Orchestrator.Storage.Databases;
using Orchestrator.Storage.PostgreSql;
using Orchestrator.Storage.SqlServer;

namespace Orchestrator.Storage.Tests.Databases;

[TestFixture]
internal sealed class DatabaseUrlTests
{
    [TestCase("postgres://orc:p%40ss@db.example:5433/prod?sslmode=verify-full&search_path=team", "Host=db.example;Port=5433;Database=prod;Username=orc;Password=p@ss;SSL Mode=VerifyFull;Search Path=team")]
    [TestCase("postgresql://orc@db.example/prod?host=/run/postgresql", "Host=/run/postgresql;Database=prod;Username=orc")]
    [TestCase("postgres:Host=db.example;Database=prod;Username=orc;Max Auto Prepare=0", "Host=db.example;Database=prod;Username=orc;Max Auto Prepare=0")]
    public void PostgreSqlUrlsAreReadAsItsOwnProgramsReadThem(string url, string meant)
    {
        var read = PostgreSqlUrl.Parse(DatabaseUrl.Parse(url).Location);
        var wanted = new Npgsql.NpgsqlConnectionStringBuilder(meant);

        foreach (var key in wanted.Keys)
        {
            Assert.That(read[key], Is.EqualTo(wanted[key]), key);
        }
    }

    [TestCase("postgres://orc@db.example/prod", 32, 100, 15)]
    [TestCase("postgres://orc@db.example/prod?maximum_pool_size=5&max_auto_prepare=0&keepalive=0", 5, 0, 0)]
    public void WhatTheUserDidNotDecideIsWhatTheProgramWants(string url, int pool, int prepared, int keepAlive)
    {
        var read = PostgreSqlUrl.Parse(DatabaseUrl.Parse(url).Location);

        Assert.That((read.MaxPoolSize, read.MaxAutoPrepare, read.KeepAlive), Is.EqualTo((pool, prepared, keepAlive)));
    }

    [TestCase("postgres://orc@db.example/prod", "-c idle_in_transaction_session_timeout=20s")]
    [TestCase("postgres://orc@db.example/prod?options=-c%20geqo%3Doff", "-c geqo=off")]
    [TestCase("postgres://orc@db.example/prod?max_auto_prepare=0", null)]
    public void TheServerIsAskedToEndTransactionsOfProgramsThatDoNotAnswerUnlessTheUserSaysOtherwise(string url, string? options) =>
        Assert.That(PostgreSqlUrl.Parse(DatabaseUrl.Parse(url).Location).Options, Is.EqualTo(options));

    [TestCase("sqlserver://orc:p%40ss@db.example:1444/prod?Encrypt=strict", "Data Source=db.example,1444;Initial Catalog=prod;User ID=orc;Password=p@ss;Encrypt=Strict")]
    [TestCase("mssql:Server=db.example;Database=prod;Integrated Security=true", "Data Source=db.example;Initial Catalog=prod;Integrated Security=True")]
    public void SqlServerUrlsAndConnectionStringsAreRead(string url, string meant)
    {
        var read = SqlServerUrl.Parse(DatabaseUrl.Parse(url).Location);
        var wanted = new Microsoft.Data.SqlClient.SqlConnectionStringBuilder(meant);

        Assert.That((read.DataSource, read.InitialCatalog, read.UserID, read.Password, read.IntegratedSecurity), Is.EqualTo((wanted.DataSource, wanted.InitialCatalog, wanted.UserID, wanted.Password, wanted.IntegratedSecurity)));
        Assert.That((read.Encrypt, read.MultipleActiveResultSets), Is.EqualTo((wanted.Encrypt, false)));
    }

    [TestCase("postgres://db.example", "names no database")]
    [TestCase("postgres:Database=prod", "names no host")]
    [TestCase("postgres://u:secret@db.example/prod?nonsense=1", "nonsense")]
    [TestCase("postgres://u:secret@db.example/prod?sslmode", "has no value")]
    [TestCase("sqlserver://orc@db.example/prod", "no password")]
    [TestCase("sqlserver:Server=x", "names no database")]
    public async Task AWrongUrlIsRefusedWithWordsAndWithoutThePassword(string url, string detail)
    {
        var error = await Wrong(url);

        Assert.That((error.Kind, error.Code), Is.EqualTo((StorageErrorKind.CannotOpen, "ORC5163")));
        Assert.That(error.Message, Does.Contain(detail).And.Not.Contain("secret"));
    }

    [TestCase("oracle://u:secret@db.example/prod")]
    [TestCase("postgres://")]
    [TestCase("sqlserver:")]
    public async Task AnUnknownOrEmptyUrlSaysWhichOnesThereAre(string url)
    {
        var error = await Wrong(url);

        Assert.That(error.Code, Is.EqualTo("ORC5130"));
        Assert.That(error.Message, Does.Not.Contain("secret"));
        Assert.That(error.Help, Does.Contain("postgres://").And.Contain("sqlserver://").And.Contain("sqlite:"));
    }

    private static async Task<StorageException> Wrong(string url)
    {
        try
        {
            await using var opened = await OrcDatabase.OpenAsync(url);
        }
        catch (StorageException error)
        {
            return error;
        }

        throw new InvalidOperationException($"{url} was opened");
    }
}
