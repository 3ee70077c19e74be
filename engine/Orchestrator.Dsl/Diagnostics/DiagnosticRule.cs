using System.Collections.Immutable;

namespace Orchestrator.Dsl.Diagnostics;

/// <summary>What all findings of one code have in common. All of them stand in <see cref="DiagnosticCatalog"/>.</summary>
/// <param name="Code">One code is one mistake for ever.</param>
/// <param name="Title">Names the mistake in a list: <c>unknown task in "needs"</c>.</param>
/// <param name="Why">Why it is a rule; one sentence without full stop.</param>
/// <param name="Severity">How bad it is.</param>
public sealed record DiagnosticRule(string Code, string Title, string Why, Severity Severity = Severity.Error)
{
    /// <summary>A finding of this rule.</summary>
    /// <param name="span">The smallest text that is wrong.</param>
    /// <param name="label">A few words under the carets.</param>
    /// <param name="message">What is wrong, in the author's words.</param>
    /// <param name="help">How to fix it.</param>
    /// <param name="near">Known names that may have been meant.</param>
    /// <param name="notes">Further facts and places.</param>
    /// <param name="why">Instead of the rule's own reason, where the case has a better one.</param>
    public Diagnostic At(
        SourceSpan span,
        string label,
        string message,
        string? help = null,
        IEnumerable<string>? near = null,
        IEnumerable<DiagnosticNote>? notes = null,
        string? why = null) => new()
        {
            Code = Code,
            Severity = Severity,
            Span = span,
            Label = label,
            Message = message,
            Why = why ?? Why,
            Help = help,
            NearNames = near?.ToImmutableArray() ?? [],
            Notes = notes?.ToImmutableArray() ?? [],
        };
}
