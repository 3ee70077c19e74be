using Orchestrator.Storage.Tests.Conformance;

namespace Orchestrator.Storage.Tests.PostgreSql;

[TestFixture]
internal sealed class PostgreSqlDatabaseTests() : DatabaseConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlMigrationTests() : MigrationConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlRunCommitTests() : RunCommitConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlRunOwnershipTests() : RunOwnershipConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlRunModelTests() : RunModelConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlRunQueryTests() : RunQueryConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlPoolTests() : PoolConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlFactTests() : FactConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlKeyTests() : ConcurrencyConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlPipelineTests() : PipelineConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlTriggerTests() : TriggerConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlBackfillTests() : BackfillConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlAuditTests() : AuditConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlAccessTests() : AccessConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlAlertTests() : AlertConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlNotificationTests() : NotificationConformance(new PostgreSqlProvider());

[TestFixture]
internal sealed class PostgreSqlRetentionTests() : RetentionConformance(new PostgreSqlProvider());
