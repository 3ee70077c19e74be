using System.Text.RegularExpressions;
using Orchestrator.Tests.Shared;

namespace Orchestrator.Architecture.Tests;

/// <summary>The databases are peers: what one dialect can do, each can. Every .sql file of every assembly is found by itself.</summary>
[TestFixture]
public sealed partial class SqlTests
{
    private static IEnumerable<string> Keys => SqlFile.All.Select(file => file.Key).Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<string> TSqlKeys => SqlFile.All.Where(file => file.Dialect == "SqlServer").Select(file => file.Key).Order(StringComparer.Ordinal);

    [Test]
    public void ThereAreFilesToLookAt() => Assert.That(SqlFile.All, Has.Count.GreaterThan(50));

    [TestCaseSource(nameof(Keys))]
    public void AFileIsThereInEveryDialectWithTheSameStatementsAndParameters(string key)
    {
        // What only servers need stands below Servers.
        var wanted = key.Contains("/Servers/", StringComparison.Ordinal) ? SqlFile.Dialects[1..] : SqlFile.Dialects;
        var files = SqlFile.All.Where(file => file.Key == key).ToList();
        Assert.That(files.Select(file => file.Dialect), Is.EquivalentTo(wanted), "the dialects that have this file");

        var first = files[0];
        foreach (var other in files[1..])
        {
            Assert.That(other.Statements().Select(statement => statement.Name), Is.EqualTo(first.Statements().Select(statement => statement.Name)), $"statements of {other.Dialect} and {first.Dialect}");
            foreach (var ((name, text), (_, same)) in other.Statements().Zip(first.Statements()))
            {
                Assert.That(ParametersOf(other.Dialect, text), Is.EquivalentTo(ParametersOf(first.Dialect, same)), $"parameters of {name} in {other.Dialect} and {first.Dialect}");
            }
        }
    }

    [TestCaseSource(nameof(Keys))]
    public void AMigrationMakesTheSameColumnsInEveryDialect(string key)
    {
        var files = SqlFile.All.Where(file => file.Key == key && file.IsMigration).ToList();
        foreach (var file in files)
        {
            Assert.That(file.Columns(), Is.EquivalentTo(files[0].Columns()), $"{file.Dialect} and {files[0].Dialect}");
        }
    }

    [TestCaseSource(nameof(Keys))]
    public void AMigrationOnlyAdds(string key)
    {
        foreach (var file in SqlFile.All.Where(file => file.Key == key && file.IsMigration))
        {
            // A program of the version before goes on working while this one is applied: engine/Orchestrator.Storage/Migrations/README.md.
            Assert.That(Comment().Replace(file.Text, ""), Does.Not.Match(@"(?i)\b(DROP|RENAME|TRUNCATE|ALTER\s+COLUMN|sp_rename)\b"), file.Dialect);
            Assert.That(Added().Matches(file.Text).Select(match => match.Value), Has.All.Match(@"(?i)\bNULL\s*[;,]?\s*$|\bDEFAULT\b"), $"{file.Dialect}: a column that is added may be null or has a default, since the version before does not write it");
        }
    }

    [TestCaseSource(nameof(TSqlKeys))]
    public void TSqlIsUnderstoodByMicrosoftsParserAndSafeUnderConcurrency(string key)
    {
        var file = SqlFile.All.Single(one => one.Key == key && one.Dialect == "SqlServer");
        var findings = file.Statements().SelectMany(statement => TSqlRules.Check(statement.Text).Select(finding => $"{statement.Name}, {finding}"));

        Assert.That(findings, Is.Empty);
    }

    [TestCase("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1;", "MERGE")]
    [TestCase("WITH c AS (SELECT TOP (1) * FROM t) UPDATE c SET a = 1;", "common table expression")]
    [TestCase("WITH c AS (SELECT TOP (1) * FROM t) DELETE FROM c;", "common table expression")]
    [TestCase("UPDATE t SET @v = a = 1;", "no defined order")]
    [TestCase("UPDATE t SET a = 1 OUTPUT inserted.id WHERE b = 2;", "name of its own")]
    [TestCase("DELETE FROM t OUTPUT deleted.* WHERE b = 2;", "name of its own")]
    [TestCase("SELECT a FROM t WITH (NOLOCK);", "NOLOCK")]
    [TestCase("SELECT key FROM t;", "Incorrect syntax")]
    public void EachRuleFindsWhatItForbids(string text, string finding) => Assert.That(TSqlRules.Check(text), Has.Some.Contains(finding));

    [Test]
    public void WhatIsAllowedIsNotFound() =>
        Assert.That(TSqlRules.Check("UPDATE t WITH (UPDLOCK, READPAST) SET a = @v OUTPUT inserted.id AS id, deleted.a AS before WHERE b = 2;"), Is.Empty);

    private static IReadOnlySet<string> ParametersOf(string dialect, string text) => dialect == "SqlServer"
        ? TSqlRules.ParametersOf(text)
        : Parameter().Matches(Comment().Replace(text, "")).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"(?<![@\w])@\w+")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?im)^\s*ALTER TABLE \w+ ADD\b(?! CONSTRAINT)[^;]*;")]
    private static partial Regex Added();
}
