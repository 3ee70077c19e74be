using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Definitions;

/// <summary>One thing an expression refers to.</summary>
/// <param name="Root"><c>tasks</c> or <c>params</c>.</param>
/// <param name="Name">The task or the parameter.</param>
/// <param name="Member">The output of a task; null when the expression takes all of them, and for parameters.</param>
/// <param name="Offset">Where the reference starts in the expression, in characters.</param>
/// <param name="Length">How long it is, in characters.</param>
public readonly record struct ExpressionReference(string Root, string Name, string? Member, int Offset, int Length);

/// <summary>
/// Finds what an expression refers to without evaluating it, so that dependencies are known before anything runs.
/// Names must be written out: <c>tasks.split.train</c> or <c>tasks["split"]["train"]</c>; a computed name (<c>tasks[x]</c>) is not seen here and is refused by the reader of definitions.
/// </summary>
public static partial class ExpressionReferences
{
    public static ImmutableArray<ExpressionReference> Find(string expression) =>
        [.. Pattern().Matches(expression).Where(match => match.Groups["root"].Success).Select(match => new ExpressionReference(
            match.Groups["root"].Value,
            match.Groups["name"].Value,
            match.Groups["root"].Value == "tasks" && match.Groups["member"].Success ? match.Groups["member"].Value : null,
            match.Index,
            match.Length))];

    /// <summary>The tasks an expression needs.</summary>
    public static IEnumerable<TaskName> Tasks(string expression) =>
        Find(expression).Where(reference => reference.Root == "tasks").Select(reference => new TaskName(reference.Name)).Distinct();

    // Quoted text is matched first, so that a reference inside a string is none. A name before the root (a.tasks.b) makes it another thing.
    [GeneratedRegex("""
        "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'
        | (?<![\w$.]) (?<root>tasks|params) \s* (?: \. \s* (?<name>[A-Za-z_$][\w$]*) | \[ \s* ["'] (?<name>[^"'\\]*) ["'] \s* \] )
          (?: \s* (?: \?? \. \s* (?<member>[A-Za-z_$][\w$]*) | \[ \s* ["'] (?<member>[^"'\\]*) ["'] \s* \] ) )?
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
