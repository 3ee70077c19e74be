using Orchestrator.Storage.Tests.Conformance;

namespace Orchestrator.Storage.Tests.Sqlite;

[TestFixture]
internal sealed class SqliteDatabaseTests() : DatabaseConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteMigrationTests() : MigrationConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteRunCommitTests() : RunCommitConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteRunOwnershipTests() : RunOwnershipConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteRunModelTests() : RunModelConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteRunQueryTests() : RunQueryConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqlitePoolTests() : PoolConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteFactTests() : FactConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteConcurrencyTests() : ConcurrencyConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqlitePipelineTests() : PipelineConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteTriggerTests() : TriggerConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteBackfillTests() : BackfillConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteAuditTests() : AuditConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteAccessTests() : AccessConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteAlertTests() : AlertConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteNotificationTests() : NotificationConformance(new SqliteProvider());

[TestFixture]
internal sealed class SqliteRetentionTests() : RetentionConformance(new SqliteProvider());
