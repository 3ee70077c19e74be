namespace Orchestrator.Storage.Databases;

/// <summary>Where a database is, as users write it: <c>sqlite:/var/orc/orc.db</c>, <c>postgres://orc@db.example/orc</c>, <c>sqlserver:Server=db.example;Database=orc;…</c>.</summary>
internal readonly record struct DatabaseUrl(Dialect Dialect, string Location)
{
    /// <summary>Reads a URL. A relative path of a file counts from the current folder.</summary>
    /// <exception cref="StorageException">The scheme is not one that this version opens, or what comes after it is missing.</exception>
    public static DatabaseUrl Parse(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon < 0 ? "" : url[..colon].ToLowerInvariant();
        var dialect = scheme switch
        {
            "sqlite" => Dialect.Sqlite,
            "postgres" or "postgresql" => Dialect.PostgreSql,
            "sqlserver" or "mssql" => Dialect.SqlServer,
            _ => Dialect.Unknown,
        };
        var rest = url[(colon + 1)..];
        return dialect switch
        {
            Dialect.Sqlite when WithoutSlashes(rest) is { Length: > 0 } path && !path.StartsWith(':') => new DatabaseUrl(dialect, Path.GetFullPath(path)),
            Dialect.PostgreSql or Dialect.SqlServer when rest.Trim('/', ' ').Length > 0 => new DatabaseUrl(dialect, rest),
            // What follows the name of a server may hold a password.
            _ => throw StorageErrors.UnknownUrl(colon < 0 || dialect == Dialect.Sqlite ? url : $"{scheme}:…"),
        };
    }

    /// <summary>For messages: the path of a file; of a server that it is one, since the rest may hold a password.</summary>
    public string ForPeople => Dialect switch
    {
        Dialect.Sqlite => Location,
        Dialect.PostgreSql => "a database on PostgreSQL",
        _ => "a database on SQL Server",
    };

    private static string WithoutSlashes(string rest) => rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;
}
