using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Scripting;

/// <summary>Places in a script that are known less than exactly.</summary>
internal static class ScriptSpans
{
    /// <summary>A line without the white space around it; the nearest line when there is none of that number.</summary>
    /// <param name="line">1 for the first.</param>
    /// <param name="column">Where in the line it starts, 1 for the first; 0: with the first character.</param>
    public static SourceSpan Line(SourceText source, int line, int column = 0)
    {
        var number = Math.Clamp(line, 1, source.LineCount);
        var text = source.Line(number);
        var start = source.StartOfLine(number);
        var indent = column > 0 && column <= text.Length ? column - 1 : text.Length - text.TrimStart().Length;
        return source.Span(start + indent, start + Math.Max(indent, text.TrimEnd().Length));
    }

    /// <summary>The last line that is not empty.</summary>
    public static SourceSpan End(SourceText source)
    {
        for (var line = source.LineCount; line >= 1; line--)
        {
            if (source.Line(line).Trim().Length > 0)
            {
                return Line(source, line);
            }
        }

        return source.Span(0, 0);
    }
}
