using System.Collections.Immutable;

namespace Orchestrator.Dsl.Diagnostics;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    Unknown = 0,

    /// <summary>The definition is refused.</summary>
    Error,

    /// <summary>The definition is taken, but probably does not do what its author wants.</summary>
    Warning,
}

/// <summary>One finding about a text that a person wrote: data, rendered elsewhere. Made by <see cref="DiagnosticRule.At"/>.</summary>
public sealed record Diagnostic
{
    /// <summary>Names the mistake for ever: <c>ORC2003</c>.</summary>
    public required string Code { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>The smallest text that is wrong.</summary>
    public required SourceSpan Span { get; init; }

    /// <summary>A few words under the carets: <c>unknown task</c>.</summary>
    public required string Label { get; init; }

    /// <summary>What is wrong, in the author's words: no code, no full stop.</summary>
    public required string Message { get; init; }

    /// <summary>Why it is a rule.</summary>
    public required string Why { get; init; }

    /// <summary>Further facts, such as the second place of a duplicate.</summary>
    public ImmutableArray<DiagnosticNote> Notes { get; init; } = [];

    /// <summary>How to fix it; a question when the advice may be wrong.</summary>
    public string? Help { get; init; }

    /// <summary>Known names that the author may have meant, the nearest first. An editor offers them as fixes.</summary>
    public ImmutableArray<string> NearNames { get; init; } = [];

    public bool IsError => Severity == Severity.Error;

    /// <summary><c>pipeline.json:41:19: error ORC2003: …</c>, for logs and debuggers.</summary>
    public override string ToString() => $"{Span}: {DiagnosticRenderer.WordFor(Severity)} {Code}: {Message}";
}

/// <summary>A fact beside a finding.</summary>
/// <param name="Text">One sentence, without the place.</param>
/// <param name="Span">The second place; null when there is none.</param>
public readonly record struct DiagnosticNote(string Text, SourceSpan? Span = null);
