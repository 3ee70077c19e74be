namespace Orchestrator.Data.Validation;

/// <summary>A range. Both ends belong to it unless they are said to be exclusive; an end that is absent is open.</summary>
public sealed record Bounds
{
    public Scalar? Min { get; init; }

    public Scalar? Max { get; init; }

    /// <summary>True: <see cref="Min"/> itself is outside.</summary>
    public bool? ExclusiveMin { get; init; }

    /// <summary>True: <see cref="Max"/> itself is outside.</summary>
    public bool? ExclusiveMax { get; init; }

    /// <summary>True when a number lies in a range of numbers. NaN lies in none.</summary>
    public bool Contains(double number) =>
        !double.IsNaN(number)
        && (Min?.Number is not { } min || (ExclusiveMin == true ? number > min : number >= min))
        && (Max?.Number is not { } max || (ExclusiveMax == true ? number < max : number <= max));

    /// <summary><c>in [0, 1440)</c>, <c>at least 1000</c>.</summary>
    public override string ToString() => (Min, Max) switch
    {
        ({ } min, null) => $"{(ExclusiveMin == true ? "above" : "at least")} {min}",
        (null, { } max) => $"{(ExclusiveMax == true ? "below" : "at most")} {max}",
        ({ } min, { } max) when min == max => $"equal to {min}",
        ({ } min, { } max) => $"in {(ExclusiveMin == true ? '(' : '[')}{min}, {max}{(ExclusiveMax == true ? ')' : ']')}",
        _ => "anything",
    };

    /// <summary>What is wrong with the range itself; null when nothing is.</summary>
    internal string? Problem(bool numbersOnly)
    {
        if (Min is null && Max is null)
        {
            return "has neither a min nor a max";
        }

        if (numbersOnly && (Min is { Number: null } || Max is { Number: null }))
        {
            return "needs numbers as min and max";
        }

        if (Min is { Truth: not null } || Max is { Truth: not null })
        {
            return "cannot have true or false as an end";
        }

        if (Min is { } low && Max is { } high)
        {
            if (low.Text is null != high.Text is null)
            {
                return $"mixes a number and a text ({low} and {high})";
            }

            var order = low.Text is { } text ? string.CompareOrdinal(text, high.Text) : (low.Number ?? 0).CompareTo(high.Number ?? 0);
            if (order > 0)
            {
                return $"has a min above its max ({low} > {high})";
            }

            if (order == 0 && (ExclusiveMin == true || ExclusiveMax == true))
            {
                return $"excludes its only value ({low})";
            }
        }

        return Min?.Number is double.NaN || Max?.Number is double.NaN ? "has NaN as an end" : null;
    }
}
