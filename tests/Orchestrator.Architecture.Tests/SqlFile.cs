using System.Reflection;
using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests;

/// <summary>An embedded .sql file: <c>[FOLDER/]DIALECT/[Migrations/]NAME.sql</c> of an assembly.</summary>
internal sealed partial record SqlFile
{
    public static readonly string[] Dialects = ["Sqlite", "PostgreSql", "SqlServer"];

    public required string Assembly { get; init; }

    public required string Folder { get; init; }

    public required string Dialect { get; init; }

    /// <summary>Below the dialect: <c>runs.sql</c>, <c>Migrations/0001_engine.sql</c>.</summary>
    public required string Name { get; init; }

    public required string Text { get; init; }

    public bool IsMigration => Name.StartsWith("Migrations/", StringComparison.Ordinal);

    /// <summary>The same for the file in each dialect.</summary>
    public string Key => $"{Assembly}/{(Folder.Length == 0 ? "" : $"{Folder}/")}*/{Name}";

    /// <summary>Every .sql file that an assembly of this build carries.</summary>
    public static IReadOnlyList<SqlFile> All { get; } = [.. BuiltAssemblies.References.Keys.Order(StringComparer.Ordinal).SelectMany(FilesOf)];

    /// <summary>Named statements; a migration is one statement under its own name.</summary>
    public IEnumerable<(string Name, string Text)> Statements() => IsMigration
        ? [(Name, Text)]
        : Named().Split(Text).Skip(1).Chunk(2).Select(pair => (pair[0].Trim(), pair[1]));

    /// <summary>The columns of the tables that a migration makes: <c>runs.id</c>. One column a line is how they are written.</summary>
    public IEnumerable<string> Columns()
    {
        var table = "";
        foreach (var line in Text.Split('\n'))
        {
            if (Create().Match(line) is { Success: true } create)
            {
                table = create.Groups[1].Value;
            }
            else if (line.StartsWith(')'))
            {
                table = "";
            }
            else if (table.Length > 0 && Column().Match(line) is { Success: true } column)
            {
                yield return $"{table}.{column.Groups[1].Value}";
            }
        }
    }

    private static IEnumerable<SqlFile> FilesOf(string name)
    {
        var assembly = System.Reflection.Assembly.LoadFrom(Path.Combine(TestContext.CurrentContext.TestDirectory, $"{name}.dll"));
        foreach (var resource in assembly.GetManifestResourceNames().Where(resource => resource.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream);
            var path = resource.Replace('\\', '/').Split('/');
            var at = Array.FindIndex(path, part => Dialects.Contains(part));
            yield return at < 0
                ? throw new InvalidOperationException($"{name}: {resource} is in no dialect's folder")
                : new SqlFile { Assembly = name, Folder = string.Join('/', path[..at]), Dialect = path[at], Name = string.Join('/', path[(at + 1)..]), Text = reader.ReadToEnd().Replace("\r\n", "\n", StringComparison.Ordinal) };
        }
    }

    [GeneratedRegex(@"^-- name:(.*)$", RegexOptions.Multiline)]
    private static partial Regex Named();

    [GeneratedRegex(@"^CREATE TABLE (\w+)")]
    private static partial Regex Create();

    // Not a constraint, not a comment, and not a column that is computed.
    [GeneratedRegex(@"^\s+\[?(?!PRIMARY|UNIQUE|FOREIGN|CHECK|--)(\w+)\]?\s+(?!AS\b)\w")]
    private static partial Regex Column();
}
