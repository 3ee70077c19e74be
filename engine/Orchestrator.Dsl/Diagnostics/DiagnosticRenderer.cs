using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Diagnostics;

/// <summary>Writes findings for people (terminal, logs) and for programs (JSON).</summary>
public static class DiagnosticRenderer
{
    /// <summary>Longer lines are shown around the caret only; a minified file must not fill the terminal.</summary>
    private const int LongestLine = 160;

    private const string Red = "\e[1;31m";
    private const string Yellow = "\e[1;33m";
    private const string Blue = "\e[1;34m";
    private const string Bold = "\e[1m";
    private const string Reset = "\e[0m";

    /// <summary>All findings, a blank line between them, and a line that counts them.</summary>
    /// <param name="diagnostics">In the order they should be shown.</param>
    /// <param name="color">True: with the escape codes of a terminal.</param>
    public static string Render(IEnumerable<Diagnostic> diagnostics, bool color = false)
    {
        var text = new StringBuilder();
        var all = diagnostics.ToList();
        foreach (var diagnostic in all)
        {
            Render(text, diagnostic, color);
            text.Append('\n');
        }

        return all.Count == 0 ? "" : text.Append(Summary(all)).Append('\n').ToString();
    }

    /// <summary>One finding, ending with a line end.</summary>
    public static string Render(Diagnostic diagnostic, bool color = false)
    {
        var text = new StringBuilder();
        Render(text, diagnostic, color);
        return text.ToString();
    }

    /// <summary><c>2 errors, 1 warning</c>.</summary>
    public static string Summary(IReadOnlyCollection<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Count(diagnostic => diagnostic.IsError);
        var warnings = diagnostics.Count - errors;
        return (errors, warnings) switch
        {
            (0, 0) => "no findings",
            (_, 0) => Count(errors, "error"),
            (0, _) => Count(warnings, "warning"),
            _ => $"{Count(errors, "error")}, {Count(warnings, "warning")}",
        };
    }

    /// <summary>The findings as a JSON array of objects with <c>code, severity, message, file, span, label, why, notes, help, nearNames</c>.</summary>
    public static JsonArray ToJson(IEnumerable<Diagnostic> diagnostics) => new([.. diagnostics.Select(diagnostic => (JsonNode)ToJson(diagnostic))]);

    internal static string WordFor(Severity severity) => severity switch
    {
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, "a finding without severity"),
    };

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : string.Create(CultureInfo.InvariantCulture, $"{number} {what}s");

    private static void Render(StringBuilder text, Diagnostic diagnostic, bool color)
    {
        var tone = diagnostic.IsError ? Red : Yellow;
        var span = diagnostic.Span;
        var number = span.Line.ToString(CultureInfo.InvariantCulture);
        var gutter = new string(' ', number.Length);
        text.Append(Paint($"{WordFor(diagnostic.Severity)} {diagnostic.Code}", tone, color)).Append(Paint($": {diagnostic.Message}", Bold, color)).Append('\n');
        text.Append(gutter).Append(Paint("-->", Blue, color)).Append(' ').Append(span).Append('\n');
        var bar = Paint($"{gutter} |", Blue, color);
        var (line, carets) = Excerpt(span);
        text.Append(bar).Append('\n');
        text.Append(Paint($"{number} |", Blue, color)).Append(' ').Append(line).Append('\n');
        text.Append(bar).Append(' ').Append(Indent(line, carets.Start)).Append(Paint($"{new string('^', carets.Length)} {diagnostic.Label}", tone, color)).Append('\n');
        text.Append(bar).Append('\n');
        Fact("why", diagnostic.Why);
        foreach (var note in diagnostic.Notes)
        {
            Fact("note", note.Span is { } place ? $"{note.Text} at {PlaceOf(place, span)}" : note.Text);
        }

        if (diagnostic.Help is { } help)
        {
            Fact("help", help);
        }

        void Fact(string what, string content)
        {
            var lead = $"{gutter} = {what}: ";
            text.Append(gutter).Append(Paint(" =", Blue, color)).Append(' ').Append(Paint(what, Bold, color)).Append(": ")
                .Append(content.ReplaceLineEndings($"\n{new string(' ', lead.Length)}")).Append('\n');
        }
    }

    private static string PlaceOf(SourceSpan place, SourceSpan beside) =>
        ReferenceEquals(place.Source, beside.Source) ? string.Create(CultureInfo.InvariantCulture, $"{place.Line}:{place.Column}") : place.ToString();

    /// <summary>The part of the line to show and where in it the carets go; at least one caret, and none beyond the line.</summary>
    private static (string Line, (int Start, int Length) Carets) Excerpt(SourceSpan span)
    {
        var line = span.Source.Line(span.Line);
        var start = span.Column - 1;
        var length = Math.Max(1, Math.Min(span.Length, line.Length - start));
        if (line.Length <= LongestLine)
        {
            return (line, (start, length));
        }

        var from = Math.Max(0, Math.Min(start - 40, line.Length - LongestLine));
        var to = Math.Min(line.Length, from + LongestLine);
        var head = from > 0 ? "..." : "";
        var tail = to < line.Length ? "..." : "";
        var shown = head + line[from..to] + tail;
        var at = Math.Min(start - from, to - from) + head.Length;
        return (shown, (at, Math.Max(1, Math.Min(length, shown.Length - at))));
    }

    // A tab in the line is a tab under it, so the carets stand right whatever the width of a tab is.
    private static string Indent(string line, int width) =>
        string.Concat(Enumerable.Range(0, width).Select(i => i < line.Length && line[i] == '\t' ? '\t' : ' '));

    private static string Paint(string text, string tone, bool color) => color ? tone + text + Reset : text;

    private static JsonObject ToJson(Diagnostic diagnostic)
    {
        var json = new JsonObject
        {
            ["code"] = diagnostic.Code,
            ["severity"] = WordFor(diagnostic.Severity),
            ["message"] = diagnostic.Message,
            ["file"] = diagnostic.Span.Source.Name,
            ["span"] = ToJson(diagnostic.Span),
            ["label"] = diagnostic.Label,
            ["why"] = diagnostic.Why,
        };
        if (diagnostic.Notes.Length > 0)
        {
            json["notes"] = new JsonArray([.. diagnostic.Notes.Select(ToJson)]);
        }

        if (diagnostic.Help is { } help)
        {
            json["help"] = help;
        }

        if (diagnostic.NearNames.Length > 0)
        {
            json["nearNames"] = new JsonArray([.. diagnostic.NearNames.Select(near => (JsonNode)JsonValue.Create(near))]);
        }

        return json;
    }

    private static JsonNode ToJson(DiagnosticNote note)
    {
        var json = new JsonObject { ["text"] = note.Text };
        if (note.Span is { } span)
        {
            json["file"] = span.Source.Name;
            json["span"] = ToJson(span);
        }

        return json;
    }

    private static JsonObject ToJson(SourceSpan span) => new()
    {
        ["start"] = span.Start,
        ["end"] = span.End,
        ["line"] = span.Line,
        ["column"] = span.Column,
        ["endLine"] = span.EndPosition.Line,
        ["endColumn"] = span.EndPosition.Column,
    };
}
