using Orchestrator.Storage.Tests.Conformance;

namespace Orchestrator.Storage.Tests.SqlServer;

[TestFixture]
internal sealed class SqlServerDatabaseTests() : DatabaseConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerMigrationTests() : MigrationConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerRunCommitTests() : RunCommitConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerRunOwnershipTests() : RunOwnershipConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerRunModelTests() : RunModelConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerRunQueryTests() : RunQueryConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerPoolTests() : PoolConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerFactTests() : FactConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerKeyTests() : ConcurrencyConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerPipelineTests() : PipelineConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerTriggerTests() : TriggerConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerBackfillTests() : BackfillConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerAuditTests() : AuditConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerAccessTests() : AccessConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerAlertTests() : AlertConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerNotificationTests() : NotificationConformance(new SqlServerProvider());

[TestFixture]
internal sealed class SqlServerRetentionTests() : RetentionConformance(new SqlServerProvider());
