using Orchestrator.Storage.Tests.Conformance;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Storage.Tests.PostgreSql;

/// <summary>Schemas of their own in one server.</summary>
internal sealed class PostgreSqlProvider : DatabaseProvider
{
    public override bool HasManyWriters => true;

    public override bool HasTransactionalSchema => true;

    public override string CreateUrl() => PostgreSqlServer.Instance.CreateUrl();

    public override void Remove(string url) => PostgreSqlServer.Instance.Remove(url);
}
