using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Migrations;

/// <summary>
/// The schema of one owner (the engine, or one activity family) as numbered steps that are only ever added: <c>FOLDER/DIALECT/Migrations/0001_name.sql</c>.
/// A step that was released is never edited; a change is the next number.
/// </summary>
public sealed class MigrationSet
{
    private readonly Func<Dialect, IReadOnlyList<Migration>> load;

    internal MigrationSet(string name, Func<Dialect, IReadOnlyList<Migration>> load)
    {
        Name = name;
        this.load = load;
    }

    /// <summary>Names the set in databases for ever: <c>engine</c>, <c>tracking</c>.</summary>
    public string Name { get; }

    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="assembly">The assembly that embeds the files. Every .sql file of a project is embedded under its path.</param>
    /// <param name="folder">The folder that has the dialects' folders; empty: the project's root.</param>
    public static MigrationSet FromResources(string name, Assembly assembly, string folder) =>
        new(name, dialect => [.. new SqlResources(assembly).List(folder, dialect, "Migrations").Select(file => Parse(name, file.File, file.Text))]);

    internal static MigrationSet FromTexts(string name, params (string File, string Text)[] files) =>
        new(name, _ => [.. files.Select(file => Parse(name, file.File, file.Text))]);

    /// <summary>In the order of their numbers, which have no gaps.</summary>
    internal IReadOnlyList<Migration> For(Dialect dialect)
    {
        var steps = load(dialect);
        if (steps.Count == 0)
        {
            throw new InvalidOperationException($"the migrations \"{Name}\" are not written for {dialect}");
        }

        return steps.Select(step => step.Number).SequenceEqual(Enumerable.Range(1, steps.Count))
            ? steps
            : throw new InvalidOperationException($"the migrations \"{Name}\" are not numbered 1, 2, 3, …: {string.Join(", ", steps.Select(step => step.File))}");
    }

    private static Migration Parse(string set, string file, string text) =>
        file.Split('_', 2) is [{ Length: 4 } digits, _] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new Migration(number, file, text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal)))))
            : throw new InvalidOperationException($"the migration {set}/{file} is not called NNNN_name.sql");
}

/// <summary>One step of a set.</summary>
internal sealed record Migration(int Number, string File, string Text, string Sha256);
