using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>What all parts of reading one file share.</summary>
internal sealed record ReadContext(SourceText Source, DiagnosticBag Found)
{
    /// <summary>Paths of parts that were found wrong; later stages say nothing more about them.</summary>
    public HashSet<string> Broken { get; } = new(StringComparer.Ordinal);

    public SourceSpan SpanOf(JsonSyntax value) => Source.Span(value.Start, value.End);

    public SourceSpan NameOf(JsonMemberSyntax member) => Source.Span(member.NameStart, member.NameEnd);
}
