using Orchestrator.Storage.Tests.Conformance;

namespace Orchestrator.Storage.Tests.Sqlite;

[TestFixture]
internal sealed class SqliteDatabaseTests() : DatabaseConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteRunCommitTests() : RunCommitConformance(new SqliteProvider());
