using System.Text.Json.Serialization;

namespace Orchestrator.Server.Problems;

/// <summary>Why a request was not done: problem details (RFC 9457) with the members that all errors of this program have.</summary>
public sealed record ApiProblem
{
    /// <summary><c>urn:orc:ORC6022</c>: the kind of problem, for ever.</summary>
    [JsonPropertyOrder(-5)]
    public string Type => $"urn:orc:{Code}";

    /// <summary>The kind of problem in words, the same for each of its kind.</summary>
    [JsonPropertyOrder(-4)]
    public required string Title { get; init; }

    [JsonPropertyOrder(-3)]
    public required int Status { get; init; }

    /// <summary>What is wrong with this request.</summary>
    [JsonPropertyOrder(-2)]
    public required string Detail { get; init; }

    /// <summary>The path that was asked for.</summary>
    [JsonPropertyOrder(-1)]
    public string? Instance { get; init; }

    /// <summary>Names the mistake for ever: <c>ORC6022</c>.</summary>
    public required string Code { get; init; }

    /// <summary>Why it is a rule.</summary>
    public string? Why { get; init; }

    /// <summary>How to fix it.</summary>
    public string? Help { get; init; }

    /// <summary>More lines for people.</summary>
    public IReadOnlyList<string>? Details { get; init; }

    /// <summary>What was found in a definition or in parameters, each with its place.</summary>
    public IReadOnlyList<DiagnosticDocument>? Diagnostics { get; init; }

    /// <summary>Seconds after which the same request may do.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Where the server's log tells more: for problems that are not the request's.</summary>
    public string? Trace { get; init; }
}

/// <summary>A finding about a text that a person wrote.</summary>
public sealed record DiagnosticDocument
{
    public required string Code { get; init; }

    /// <summary><c>error</c> or <c>warning</c>.</summary>
    public required string Severity { get; init; }

    public required string Message { get; init; }

    public required string Why { get; init; }

    public string? Help { get; init; }

    /// <summary>The file, or words in angle brackets when there is none.</summary>
    public required string File { get; init; }

    /// <summary>1 is the first.</summary>
    public required int Line { get; init; }

    /// <summary>1 is the first; counted in UTF-16 units.</summary>
    public required int Column { get; init; }

    public required int EndLine { get; init; }

    public required int EndColumn { get; init; }

    /// <summary>A few words under the place.</summary>
    public required string Label { get; init; }

    /// <summary>Known names that the author may have meant, the nearest first.</summary>
    public IReadOnlyList<string>? NearNames { get; init; }

    internal static DiagnosticDocument Of(Dsl.Diagnostics.Diagnostic found)
    {
        var (endLine, endColumn) = found.Span.EndPosition;
        return new DiagnosticDocument
        {
            Code = found.Code,
            Severity = found.IsError ? "error" : "warning",
            Message = found.Message,
            Why = found.Why,
            Help = found.Help,
            File = found.Span.Source.Name,
            Line = found.Span.Line,
            Column = found.Span.Column,
            EndLine = endLine,
            EndColumn = endColumn,
            Label = found.Label,
            NearNames = found.NearNames.IsEmpty ? null : found.NearNames,
        };
    }
}

/// <summary>Ends a request with a problem.</summary>
public sealed class ProblemException(ApiProblem problem) : Exception(problem.Detail)
{
    public ApiProblem Problem { get; } = problem;
}
