using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Architecture.Tests;

/// <summary>Every statement for PostgreSQL is prepared by a server that has all tables: names, types and syntax, also of statements that no test runs.</summary>
[TestFixture]
public sealed partial class PostgreSqlTextTests
{
    [Test]
    public void TheServerUnderstandsEveryStatement()
    {
        var server = PostgreSqlServer.Instance;
        var url = server.CreateUrl();
        var schema = PostgreSqlServer.SchemaOf(url);
        var files = SqlFile.All.Where(file => file.Dialect == "PostgreSql").ToList();
        var script = new StringBuilder($"SET search_path = {schema};\n");
        // The engine's tables first, then what the kit keeps beside them; then by number, since families refer to their own tables only.
        foreach (var migration in files.Where(file => file.IsMigration).OrderBy(file => file.Assembly != "Orchestrator.Storage").ThenBy(file => file.Folder.Length > 0).ThenBy(file => file.Name, StringComparer.Ordinal))
        {
            script.AppendLine(migration.Text);
        }

        script.AppendLine(files.Single(file => file.Name == "migrations.sql").Statements().Single(statement => statement.Name == "create_history").Text);
        try
        {
            server.Run(script.ToString());
            Assert.Multiple(() =>
            {
                foreach (var (name, text) in files.Where(file => !file.IsMigration).SelectMany(file => file.Statements().Select(statement => ($"{file.Key}: {statement.Name}", statement.Text))))
                {
                    foreach (var part in Part().Split(Comment().Replace(text, "")).Where(part => !string.IsNullOrWhiteSpace(part) && !part.TrimStart().StartsWith("CREATE", StringComparison.Ordinal)))
                    {
                        Assert.That(() => server.Run($"SET search_path = {schema}; PREPARE it AS {Numbered(part)}"), Throws.Nothing, name);
                    }
                }
            });
        }
        finally
        {
            server.Remove(url);
        }
    }

    private static string Numbered(string statement)
    {
        var names = Parameter().Matches(statement).Select(match => match.Value).Distinct().ToList();
        return Parameter().Replace(statement, match => $"${names.IndexOf(match.Value) + 1}");
    }

    [GeneratedRegex(@";\s*(?:\n|$)")]
    private static partial Regex Part();

    [GeneratedRegex(@"(?<![@\w])@\w+")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"--[^\n]*")]
    private static partial Regex Comment();
}
