using System.Collections.Concurrent;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Servers;

/// <summary>The statements for rows that a database has used, for all its sessions.</summary>
internal sealed class RowStatements(ServerDialect dialect)
{
    /// <summary>Statements made from text in place could be without number; only so many are remembered.</summary>
    private const int Most = 1000;

    private readonly ConcurrentDictionary<SqlStatement, RowStatement> known = [];

    public RowStatement Get(SqlStatement sql)
    {
        if (known.TryGetValue(sql, out var statement))
        {
            return statement;
        }

        statement = new RowStatement(dialect, sql);
        return known.Count < Most ? known.GetOrAdd(sql, statement) : statement;
    }
}
