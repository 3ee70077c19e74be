using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Profiling;
using Orchestrator.Data.Validation;

namespace Orchestrator.Data.Inspection;

/// <summary>What kind of learning a label asks for.</summary>
public enum LearningTask
{
    Unknown = 0,

    /// <summary>The label is one of two or a few values.</summary>
    Classification,

    /// <summary>The label is a number.</summary>
    Regression,
}

/// <summary>What a table is, and what a first pipeline could do with it. Proposals are guesses for a person to look at.</summary>
public sealed record TableInspection
{
    /// <summary>The full path of the file.</summary>
    public required string Path { get; init; }

    public required long Rows { get; init; }

    /// <summary>In the table's order.</summary>
    public required IReadOnlyList<ColumnInspection> Columns { get; init; }

    /// <summary>The column that looks most like what one would predict; null when none does.</summary>
    public LabelProposal? Label { get; init; }

    /// <summary>Rules that hold on this table and would notice a broken one.</summary>
    public required IReadOnlyList<Expectation> Rules { get; init; }

    /// <summary>Columns that nothing can be learned from, with the reason.</summary>
    public required IReadOnlyList<LeftOut> LeaveOut { get; init; }

    /// <summary>What a person should know about how the file was read.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>One column of an inspected table.</summary>
public sealed record ColumnInspection
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    public required ColumnProfile Profile { get; init; }

    /// <summary>A few values, the most frequent first.</summary>
    public IReadOnlyList<string> Samples => [.. Profile.Top.Take(3).Select(top => top.Value)];
}

/// <summary>A column to predict.</summary>
/// <param name="Column">Its name.</param>
/// <param name="Task">What kind of learning it asks for.</param>
/// <param name="Reason">Why it looks like the label.</param>
/// <param name="Positive">In a column of two values, the one that is probably meant by yes; null otherwise.</param>
public sealed record LabelProposal(string Column, LearningTask Task, string Reason, string? Positive);

/// <summary>A column to leave out of learning.</summary>
public sealed record LeftOut(string Column, string Reason);
