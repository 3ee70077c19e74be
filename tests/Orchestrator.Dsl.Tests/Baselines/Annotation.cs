using System.Text;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Tests.Baselines;

/// <summary>Writes a source with its findings under the lines, each with span, code and all of its text.</summary>
internal static class Annotation
{
    public static string Of(SourceText source, IReadOnlyList<Diagnostic> found)
    {
        var text = new StringBuilder();
        for (var line = 1; line <= source.LineCount; line++)
        {
            var content = source.Line(line);
            if (line < source.LineCount || content.Length > 0)
            {
                text.Append("  ").Append(content).Append('\n');
            }

            foreach (var diagnostic in found.Where(diagnostic => Names(diagnostic.Span, source) && diagnostic.Span.Line == line))
            {
                Append(text, diagnostic, content);
            }
        }

        foreach (var elsewhere in found.Where(diagnostic => !Names(diagnostic.Span, source)))
        {
            text.Append('\n').Append("  ").Append(elsewhere.Span.Source.Name).Append(' ').Append(elsewhere.Span.Source.Text).Append('\n');
            Append(text, elsewhere, elsewhere.Span.Source.Text, elsewhere.Span.Source.Name.Length + 1);
        }

        return text.Append('\n').Append(DiagnosticRenderer.Summary(found)).Append('\n').ToString();
    }

    private static bool Names(SourceSpan span, SourceText source) => span.Source.Name == source.Name;

    private static void Append(StringBuilder text, Diagnostic diagnostic, string line, int indent = 0)
    {
        var span = diagnostic.Span;
        var start = span.Column - 1;
        var length = Math.Max(1, Math.Min(span.Length, line.Length - start));
        text.Append("> ").Append(' ', start + indent).Append('^', length).Append(' ').Append(diagnostic.Label).Append('\n');
        text.Append($"> {(diagnostic.IsError ? "error" : "warning")} {diagnostic.Code}: {diagnostic.Message}\n");
        text.Append($">   span: {span.Line}:{span.Column} to {span.EndPosition.Line}:{span.EndPosition.Column}\n");
        text.Append($">   why: {diagnostic.Why}\n");
        foreach (var note in diagnostic.Notes)
        {
            text.Append($">   note: {note.Text}{(note.Span is { } place ? $" at {place.Line}:{place.Column}" : "")}\n");
        }

        if (diagnostic.Help is { } help)
        {
            text.Append($">   help: {help}\n");
        }

        if (diagnostic.NearNames.Length > 0)
        {
            text.Append($">   near: {string.Join(", ", diagnostic.NearNames)}\n");
        }
    }
}
