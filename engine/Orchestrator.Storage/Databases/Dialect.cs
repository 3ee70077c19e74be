namespace Orchestrator.Storage.Databases;

/// <summary>Which SQL a database speaks. The name is also the folder of its .sql files.</summary>
public enum Dialect
{
    Unknown = 0,
    Sqlite,
    SqlServer,
    PostgreSql,
}
