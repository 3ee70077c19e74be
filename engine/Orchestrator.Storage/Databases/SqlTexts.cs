using System.Collections.Frozen;
using System.Reflection;

namespace Orchestrator.Storage.Databases;

/// <summary>
/// The named statements of one store, from embedded .sql files: <c>FOLDER/DIALECT/FILE.sql</c>, one file per dialect.
/// A statement starts at a line <c>-- name: find_run</c> and ends at the next such line; what stands before the first one is for people.
/// </summary>
public sealed class SqlTexts
{
    private const string Marker = "-- name:";

    private readonly string source;
    private readonly FrozenDictionary<string, SqlStatement> statements;

    private SqlTexts(string source, IEnumerable<KeyValuePair<string, SqlStatement>> statements)
    {
        this.source = source;
        this.statements = statements.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The statement of that name.</summary>
    /// <exception cref="KeyNotFoundException">No dialect has it.</exception>
    public SqlStatement this[string name] =>
        statements.TryGetValue(name, out var statement) ? statement : throw new KeyNotFoundException($"{source} has no statement \"{name}\"");

    public IEnumerable<string> Names => statements.Keys;

    /// <summary>Reads a store's statements in all dialects it is written for.</summary>
    /// <param name="assembly">The assembly that embeds the files. Every .sql file of a project is embedded under its path.</param>
    /// <param name="folder">The folder that has the dialects' folders; empty: the project's root.</param>
    /// <param name="file">The file's name without its ending.</param>
    /// <exception cref="InvalidOperationException">There is no such file, or a name appears twice in it.</exception>
    public static SqlTexts Load(Assembly assembly, string folder, string file)
    {
        var texts = new Dictionary<string, Dictionary<Dialect, string>>(StringComparer.Ordinal);
        var resources = new SqlResources(assembly);
        foreach (var dialect in Enum.GetValues<Dialect>())
        {
            if (resources.Find(folder, dialect, $"{file}.sql") is { } content)
            {
                foreach (var (name, text) in Split(content, $"{dialect}/{file}.sql"))
                {
                    if (!texts.TryGetValue(name, out var byDialect))
                    {
                        texts.Add(name, byDialect = []);
                    }

                    byDialect.Add(dialect, text);
                }
            }
        }

        var source = $"{folder}/*/{file}.sql of {assembly.GetName().Name}";
        return texts.Count > 0
            ? new SqlTexts(source, texts.Select(text => KeyValuePair.Create(text.Key, new SqlStatement(text.Key, text.Value))))
            : throw new InvalidOperationException($"no statements in {source}");
    }

    internal static IReadOnlyList<(string Name, string Text)> Split(string content, string source)
    {
        var found = new List<(string Name, string Text)>();
        foreach (var piece in content.Split($"\n{Marker}").Skip(content.StartsWith(Marker, StringComparison.Ordinal) ? 0 : 1))
        {
            var text = piece.StartsWith(Marker, StringComparison.Ordinal) ? piece[Marker.Length..] : piece;
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            var name = (end < 0 ? text : text[..end]).Trim();
            if (end < 0 || name.Length == 0 || found.Any(other => other.Name == name))
            {
                throw new InvalidOperationException($"{source}: the statement \"{name}\" has no name, no text, or a name that another one has");
            }

            found.Add((name, text[(end + 1)..].Trim()));
        }

        return found;
    }
}
