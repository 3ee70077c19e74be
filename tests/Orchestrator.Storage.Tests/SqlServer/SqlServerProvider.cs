using Microsoft.Data.SqlClient;
using Orchestrator.Storage.Tests.Conformance;

namespace Orchestrator.Storage.Tests.SqlServer;

/// <summary>Databases of their own on the server that <c>ORC_TEST_SQLSERVER</c> names (a connection string of somebody who may create databases).</summary>
internal sealed class SqlServerProvider : DatabaseProvider
{
    private const string Variable = "ORC_TEST_SQLSERVER";
    private static int made;

    public override bool HasManyWriters => true;

    public override bool HasTransactionalSchema => true;

    public override string CreateUrl()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } server)
        {
            Assert.Ignore($"{Variable} names no SQL Server: set it to a connection string of somebody who may create databases, and these tests run");
            return "";
        }

        var name = $"orc_test_{Environment.ProcessId}_{Interlocked.Increment(ref made)}";
        Run(server, $"CREATE DATABASE [{name}]");
        return $"sqlserver:{new SqlConnectionStringBuilder(server) { InitialCatalog = name }.ConnectionString}";
    }

    public override void Remove(string url)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } server && url.Length > 0)
        {
            var name = new SqlConnectionStringBuilder(url["sqlserver:".Length..]).InitialCatalog;
            Run(server, $"ALTER DATABASE [{name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [{name}]");
        }
    }

    private static void Run(string server, string statements)
    {
        using var connection = new SqlConnection(new SqlConnectionStringBuilder(server) { InitialCatalog = "master" }.ConnectionString);
        connection.Open();
#pragma warning disable CA2100 // Names are made above.
        using var command = new SqlCommand(statements, connection);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
