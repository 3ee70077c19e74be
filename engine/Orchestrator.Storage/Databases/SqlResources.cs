using System.Reflection;

namespace Orchestrator.Storage.Databases;

/// <summary>The .sql files that an assembly embeds, by their path in the project with <c>/</c> on every platform and with line feeds alone.</summary>
internal sealed class SqlResources(Assembly assembly)
{
    private readonly Dictionary<string, string> names = assembly.GetManifestResourceNames()
        .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
        .ToDictionary(name => name.Replace('\\', '/'), StringComparer.Ordinal);

    public string? Find(string folder, Dialect dialect, string file) =>
        names.TryGetValue(PathOf(folder, dialect, file), out var name) ? Read(name) : null;

    /// <summary>The files right inside a folder of a dialect, by file name.</summary>
    public IReadOnlyList<(string File, string Text)> List(string folder, Dialect dialect, string below)
    {
        var prefix = PathOf(folder, dialect, $"{below}/");
        return [.. names
            .Where(name => name.Key.StartsWith(prefix, StringComparison.Ordinal) && !name.Key[prefix.Length..].Contains('/', StringComparison.Ordinal))
            .OrderBy(name => name.Key, StringComparer.Ordinal)
            .Select(name => (name.Key[prefix.Length..], Read(name.Value)))];
    }

    private static string PathOf(string folder, Dialect dialect, string rest) =>
        folder.Length == 0 ? $"{dialect}/{rest}" : $"{folder.TrimEnd('/')}/{dialect}/{rest}";

    private string Read(string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"the resource {name} cannot be read");
        using var reader = new StreamReader(stream);
        // Hashes of migrations must not depend on the machine that checked the file out.
        return reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal);
    }
}
