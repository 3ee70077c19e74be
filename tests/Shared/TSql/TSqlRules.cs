using System.Text.RegularExpressions;
using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Orchestrator.Tests.Shared;

/// <summary>
/// Reads T-SQL with the parser of Microsoft's own tools and holds it to what is safe under concurrency. No server is needed; it is the only judge of these texts where none is at hand.
/// </summary>
internal sealed partial class TSqlRules : TSqlFragmentVisitor
{
    private readonly List<string> findings = [];
    private readonly HashSet<string> used = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> declared = new(StringComparer.OrdinalIgnoreCase);

    private TSqlRules()
    {
    }

    /// <summary>What is wrong with a text; empty when nothing is.</summary>
    public static IReadOnlyList<string> Check(string text) => Read(text).findings;

    /// <summary>The values that a text expects from its caller, with their <c>@</c>.</summary>
    public static IReadOnlySet<string> ParametersOf(string text)
    {
        var rules = Read(text);
        return rules.used.Except(rules.declared, StringComparer.OrdinalIgnoreCase).ToHashSet(StringComparer.Ordinal);
    }

    public override void Visit(MergeStatement node) => Find(node, "MERGE has races of its own; write an UPDATE and an INSERT … WHERE NOT EXISTS");

    public override void Visit(UpdateStatement node)
    {
        if (node.WithCtesAndXmlNamespaces is not null)
        {
            Find(node, "an UPDATE through a common table expression may lock and count other rows than it seems to");
        }
    }

    public override void Visit(DeleteStatement node)
    {
        if (node.WithCtesAndXmlNamespaces is not null)
        {
            Find(node, "a DELETE through a common table expression may lock and count other rows than it seems to");
        }
    }

    public override void Visit(AssignmentSetClause node)
    {
        if (node.Variable is not null && node.Column is not null)
        {
            Find(node, "SET @v = column = … has no defined order; use OUTPUT");
        }
    }

    public override void Visit(OutputClause node) => CheckOutput(node.SelectColumns);

    public override void Visit(OutputIntoClause node) => CheckOutput(node.SelectColumns);

    public override void Visit(TableHint node)
    {
        if (node.HintKind is TableHintKind.NoLock or TableHintKind.ReadUncommitted)
        {
            Find(node, "NOLOCK reads what may never be committed; readers use snapshots");
        }
    }

    public override void Visit(VariableReference node) => used.Add(node.Name);

    public override void Visit(DeclareVariableElement node) => declared.Add(node.VariableName.Value);

    // The name of a procedure's parameter in a call is not a variable.
    public override void Visit(ExecuteParameter node) => declared.Add(node.Variable?.Name ?? "");

    private static TSqlRules Read(string text)
    {
        var rules = new TSqlRules();
        var fragment = new TSql160Parser(initialQuotedIdentifiers: true).Parse(new StringReader(List().Replace(text, "IN ($1)")), out var errors);
        rules.findings.AddRange(errors.Select(error => $"line {error.Line}: {error.Message}"));
        fragment?.Accept(rules);
        return rules;
    }

    private void CheckOutput(IList<SelectElement> columns)
    {
        foreach (var column in columns.Where(column => column is not SelectScalarExpression { ColumnName: not null }))
        {
            Find(column, "a column of OUTPUT needs a name of its own (AS): deleted.x and inserted.x have the same");
        }
    }

    // Dapper writes the values of a list out, one parameter for each.
    [GeneratedRegex(@"\bIN (@\w+)")]
    private static partial Regex List();

    private void Find(TSqlFragment node, string what) => findings.Add($"line {node.StartLine}: {what}");
}
