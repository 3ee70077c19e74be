using System.Text.Json.Nodes;

namespace Orchestrator.Data.Validation;

/// <summary>One rule of one line, made ready for one table: what it asks the query, and how its answer is judged.</summary>
internal sealed record Rule
{
    /// <summary>As a person says it: <c>churn in {"yes","no"}</c>.</summary>
    public required string Text { get; init; }

    /// <summary>Its name in Great Expectations' vocabulary, or <c>orc_…</c> where that has none.</summary>
    public required string GxType { get; init; }

    public required JsonObject Kwargs { get; init; }

    public required RulePlan Plan { get; init; }

    /// <summary>The line of <c>expect</c> it came from; its tolerance and severity apply.</summary>
    public required Expectation Line { get; init; }

    public Severity Severity => Line.Severity ?? Severity.Error;
}

/// <summary>How a rule gets its answer.</summary>
internal abstract record RulePlan
{
    private RulePlan()
    {
    }

    /// <summary>The schema alone decides.</summary>
    internal sealed record Decided(bool Passed, string? Note = null, JsonNode? Observed = null) : RulePlan;

    /// <summary>Rows disobey one by one; tolerance applies.</summary>
    internal sealed record Rows : RulePlan
    {
        /// <summary>The columns to show of a row that disobeys.</summary>
        public required IReadOnlyList<string> Columns { get; init; }

        /// <summary>SQL over <see cref="From"/>: true for a row that disobeys; false or null otherwise.</summary>
        public required string Disobeys { get; init; }

        /// <summary>The relation with <c>file_row_number</c> and all columns in it; <c>t</c> is the table.</summary>
        public string From { get; init; } = "t";

        /// <summary>SQL for the number of rows that disobey, when there is a cheaper way than counting over <see cref="From"/>.</summary>
        public string? Count { get; init; }

        /// <summary>An aggregate over <c>t</c>: how many rows are judged.</summary>
        public required string Judged { get; init; }

        /// <summary>False: one row that disobeys is too many, whatever the line tolerates.</summary>
        public bool Tolerant { get; init; } = true;

        public string CountSql => Count ?? (From == "t" ? $"count(*) FILTER (WHERE {Disobeys})" : $"(SELECT count(*) FROM {From} WHERE {Disobeys})");
    }

    /// <summary>Numbers about the whole column decide.</summary>
    /// <param name="Questions">SQL expressions over <c>t</c>, each one value.</param>
    /// <param name="Judge">Takes the answers in order; DuckDB's null is null.</param>
    internal sealed record Aggregate(IReadOnlyList<string> Questions, Func<IReadOnlyList<object?>, Decided> Judge) : RulePlan;
}

/// <summary>What became of a rule.</summary>
internal sealed record RuleResult
{
    public required Rule Rule { get; init; }

    public required bool Passed { get; init; }

    /// <summary>Rows of the table.</summary>
    public required long Elements { get; init; }

    /// <summary>Rows that were judged and rows that disobeyed; null for rules that are not about rows.</summary>
    public long? Judged { get; init; }

    public long? Disobeyed { get; init; }

    /// <summary>What was seen instead, for rules about the whole.</summary>
    public JsonNode? Observed { get; init; }

    /// <summary>Why it failed, when counts do not say it.</summary>
    public string? Note { get; init; }

    public IReadOnlyList<FailedRow> Examples { get; init; } = [];

    public double Rate => Judged is > 0 and { } judged && Disobeyed is { } bad ? (double)bad / judged : 0;
}

/// <summary>A row that disobeys.</summary>
/// <param name="Row">From 1, the header not counted.</param>
/// <param name="Shown">The values of the rule's columns as text; null where missing.</param>
/// <param name="All">The values of all columns.</param>
internal sealed record FailedRow(long Row, IReadOnlyList<string?> Shown, IReadOnlyList<string?> All);
