using Orchestrator.Assets.Datasets;

namespace Orchestrator.Training.Features;

/// <summary>How the columns of a table become the numbers a trainer sees, learned from the training rows and kept with the model.</summary>
internal sealed record FeaturePlan
{
    /// <summary>In the order of the model's features.</summary>
    public required IReadOnlyList<ColumnPlan> Columns { get; init; }

    /// <summary>A name for each number: <c>total_day_minutes</c>, <c>state=OH</c>.</summary>
    public IReadOnlyList<string> ListSlots() => [.. Columns.SelectMany(column => column.ListSlots())];
}

/// <summary>How one column becomes numbers.</summary>
internal sealed record ColumnPlan
{
    public required string Name { get; init; }

    public required ColumnType Type { get; init; }

    /// <summary>Texts: the levels with a slot of their own, the most frequent first. Numbers: empty.</summary>
    public IReadOnlyList<string> Levels { get; init; } = [];

    /// <summary>Texts with more levels than slots: the share of training rows that each level has, which is one more slot.</summary>
    public IReadOnlyDictionary<string, double>? Shares { get; init; }

    /// <summary>Texts: a slot says that the text is none of <see cref="Levels"/>.</summary>
    public bool HasOther { get; init; }

    /// <summary>A slot says that the value is missing.</summary>
    public bool HasMissing { get; init; }

    /// <summary>Numbers: what a missing value becomes. Null: it stays missing, which the trainer understands.</summary>
    public double? Fill { get; init; }

    /// <summary>Dates and timestamps: two more slots, the weekday and the hour of the day in UTC.</summary>
    public bool HasCalendar { get; init; }

    /// <summary>Subtracted from each slot before it is divided by <see cref="Scales"/>; empty: slots stay as they are.</summary>
    public IReadOnlyList<double> Means { get; init; } = [];

    public IReadOnlyList<double> Scales { get; init; } = [];

    /// <summary>The slots' names, in the order in which the encoder writes.</summary>
    public IReadOnlyList<string> ListSlots()
    {
        var names = new List<string>();
        if (Type == ColumnType.Text)
        {
            names.AddRange(Levels.Select(level => $"{Name}={level}"));
            if (HasOther)
            {
                names.Add($"{Name} is another");
            }

            if (Shares is not null)
            {
                names.Add($"{Name} share");
            }
        }
        else
        {
            names.Add(Name);
            if (HasCalendar)
            {
                names.Add($"{Name} weekday");
                names.Add($"{Name} hour");
            }
        }

        if (HasMissing)
        {
            names.Add($"{Name} is missing");
        }

        return names;
    }
}
