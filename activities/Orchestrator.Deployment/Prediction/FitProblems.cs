using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;
using Orchestrator.Core.Values;

namespace Orchestrator.Deployment.Prediction;

/// <summary>A table with the columns of a signature, in its order, and what a person should know about how it came to be.</summary>
internal sealed record FittedTable(Table Table, IReadOnlyList<string> Notes);

/// <summary>Collects what does not fit a signature, one line per column: a wrong column of a thousand rows is one mistake.</summary>
internal sealed class FitProblems
{
    private readonly List<string> lines = [];
    private readonly HashSet<string> told = new(StringComparer.Ordinal);

    public void Missing(ColumnInfo feature, IReadOnlyList<string> given, ModelSignature signature)
    {
        var spare = given.Where(name => signature.Features.All(known => known.Name != name));
        var near = NearNames.Find(feature.Name, spare);
        // One slip is one mistake: the spare column is offered only to the missing one that it is nearest to.
        if (near is not null && NearNames.Find(near, signature.Features.Select(known => known.Name).Except(given)) != feature.Name)
        {
            near = null;
        }

        lines.Add($"column \"{feature.Name}\" ({NameOf(feature.Type)}) is missing{(near is null ? "" : $"; is \"{near}\" meant to be it?")}");
    }

    public void MissingInRow(ColumnInfo feature, int row)
    {
        if (told.Add(feature.Name))
        {
            lines.Add($"column \"{feature.Name}\" ({NameOf(feature.Type)}) is missing in row {row + 1}");
        }
    }

    public void Mistyped(ColumnInfo feature, int row, string shown, string? advice = null)
    {
        if (told.Add(feature.Name))
        {
            lines.Add($"column \"{feature.Name}\" should be {NameOf(feature.Type)} and is {shown} in row {row + 1}{(advice is null ? "" : $"; {advice}")}");
        }
    }

    /// <exception cref="Core.Activities.ActivityException">Something did not fit (ORC5557).</exception>
    public void ThrowIfAny(string model)
    {
        if (lines.Count > 0)
        {
            throw DeploymentErrors.DoesNotFit(model, lines);
        }
    }

    /// <summary>Columns that are there and not used.</summary>
    public static IReadOnlyList<string> NotesAbout(IEnumerable<string> given, ModelSignature signature)
    {
        var extra = given.Where(name => signature.Features.All(feature => feature.Name != name)).ToList();
        return extra.Count == 0 ? [] : [$"not used by the model: {string.Join(", ", extra)}"];
    }

    private static string NameOf(ColumnType type) => type switch
    {
        ColumnType.Number => "a number",
        ColumnType.Integer => "a whole number",
        ColumnType.Boolean => "true or false",
        ColumnType.Text => "text",
        ColumnType.Date => "a date like \"2026-03-31\"",
        ColumnType.Timestamp => "a time like \"2026-03-31T14:00:00Z\"",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such column type"),
    };
}
