using Orchestrator.Assets.Datasets;

namespace Orchestrator.Training.Comparison;

/// <summary>Which rows are drawn together in a cluster bootstrap.</summary>
internal static class Units
{
    /// <summary>For each row the number of its group, 0..G−1 in order of first appearance. A row whose value is missing is a group of its own.</summary>
    public static int[] Of(Table table, string column)
    {
        var known = new Dictionary<object, int>();
        var next = 0;
        var units = new int[table.RowCount];
        var values = table.Find(column);
        for (var row = 0; row < units.Length; row++)
        {
            object? value = values switch
            {
                TextColumn texts => texts.Values[row],
                NumberColumn numbers when !double.IsNaN(numbers.Values[row]) => numbers.Values[row],
                _ => null,
            };
            if (value is null)
            {
                units[row] = next++;
            }
            else if (known.TryGetValue(value, out var unit))
            {
                units[row] = unit;
            }
            else
            {
                units[row] = known[value] = next++;
            }
        }

        return units;
    }
}
