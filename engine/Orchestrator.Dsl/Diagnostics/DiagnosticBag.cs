using System.Collections.Immutable;

namespace Orchestrator.Dsl.Diagnostics;

/// <summary>Collects the findings of a stage.</summary>
public sealed class DiagnosticBag
{
    private readonly List<Diagnostic> found = [];

    public bool HasErrors { get; private set; }

    public int Count => found.Count;

    public void Add(Diagnostic diagnostic)
    {
        found.Add(diagnostic);
        HasErrors |= diagnostic.IsError;
    }

    public void AddRange(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            Add(diagnostic);
        }
    }

    /// <summary>In the order of the text, file by file; those at one place in order of code.</summary>
    public ImmutableArray<Diagnostic> ToSorted() =>
    [
        .. found
            .Select((diagnostic, index) => (diagnostic, index))
            .OrderBy(pair => pair.diagnostic.Span.Source.Name, StringComparer.Ordinal)
            .ThenBy(pair => pair.diagnostic.Span.Start)
            .ThenBy(pair => pair.diagnostic.Code, StringComparer.Ordinal)
            .ThenBy(pair => pair.index)
            .Select(pair => pair.diagnostic),
    ];
}
