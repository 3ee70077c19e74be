namespace Orchestrator.Storage.Databases;

/// <summary>Where a database is, as users write it: <c>sqlite:/var/orc/orc.db</c>.</summary>
internal readonly record struct DatabaseUrl(Dialect Dialect, string Location)
{
    /// <summary>Reads a URL. A relative path of a file counts from the current folder.</summary>
    /// <exception cref="StorageException">The scheme is not one that this version opens, or the path is missing.</exception>
    public static DatabaseUrl Parse(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon < 0 ? "" : url[..colon].ToLowerInvariant();
        var rest = url[(colon + 1)..];
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            rest = rest[2..];
        }

        return scheme == "sqlite" && rest.Length > 0 && !rest.StartsWith(':')
            ? new DatabaseUrl(Dialect.Sqlite, Path.GetFullPath(rest))
            : throw StorageErrors.UnknownUrl(colon < 0 || scheme == "sqlite" ? url : $"{scheme}:…");
    }
}
