using System.Globalization;
using Orchestrator.Assets.Datasets;
using Orchestrator.Data.Querying;

namespace Orchestrator.Data.Validation;

/// <summary>Turns a rule's value into SQL of a column's type. A value that the column could never hold has none.</summary>
internal static class Literals
{
    private static readonly string[] Moments =
        ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFF",
         "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK"];

    public static string? Find(ColumnType type, Scalar value) => type switch
    {
        ColumnType.Text => Sql.Text(value.Text ?? value.ToString()),
        ColumnType.Integer => value.Whole is { } whole ? Sql.Number(whole) : NumberOf(value),
        ColumnType.Number => NumberOf(value),
        ColumnType.Boolean => TruthOf(value) is { } truth ? (truth ? "true" : "false") : null,
        ColumnType.Date or ColumnType.Timestamp => MomentOf(value) is { } moment
            ? $"TIMESTAMP '{moment.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}'"
            : null,
        _ => null,
    };

    private static string? NumberOf(Scalar value)
    {
        if (value.Number is { } number)
        {
            return Sql.Number(number);
        }

        return value.Text is { } text && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? Sql.Number(parsed) : null;
    }

    private static bool? TruthOf(Scalar value) => value switch
    {
        { Truth: { } truth } => truth,
        { Whole: 0 } => false,
        { Whole: 1 } => true,
        { Text: { } text } when bool.TryParse(text, out var parsed) => parsed,
        _ => null,
    };

    private static DateTime? MomentOf(Scalar value) =>
        value.Text is { } text && DateTime.TryParseExact(text, Moments, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : null;
}
