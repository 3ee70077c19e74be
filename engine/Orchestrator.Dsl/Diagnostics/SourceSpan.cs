namespace Orchestrator.Dsl.Diagnostics;

/// <summary>A stretch of a text.</summary>
/// <param name="Source">The text.</param>
/// <param name="Start">Offset of the first character.</param>
/// <param name="End">Offset after the last character; equal to <paramref name="Start"/> for a place between two characters.</param>
public readonly record struct SourceSpan(SourceText Source, int Start, int End)
{
    public int Length => End - Start;

    /// <summary>Of the first character; 1 is the first line.</summary>
    public int Line => Source.PositionOf(Start).Line;

    /// <summary>Of the first character; 1 is the first column, counted in UTF-16 units.</summary>
    public int Column => Source.PositionOf(Start).Column;

    /// <summary>Where the span ends, after its last character.</summary>
    public (int Line, int Column) EndPosition => Source.PositionOf(End);

    public string Text => Source.Text[Start..End];

    /// <summary><c>pipeline.json:41:19</c>.</summary>
    public override string ToString() => $"{Source.Name}:{Line}:{Column}";
}
