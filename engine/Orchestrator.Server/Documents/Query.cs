using System.Globalization;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Documents;

/// <summary>Reads what stands in queries.</summary>
internal static class Query
{
    public const int MostItems = 500;
    private const int UsualItems = 50;

    /// <summary>How many items a page is to have.</summary>
    /// <exception cref="ProblemException">It is out of bounds (ORC6008).</exception>
    public static int Limit(int? given, int most = MostItems) =>
        given is null ? Math.Min(UsualItems, most) : given is >= 1 && given <= most ? given.Value : throw ServerErrors.WrongParameter("limit", given.Value.ToString(CultureInfo.InvariantCulture), $"a whole number from 1 to {most}");

    /// <summary>A cursor that is a whole number.</summary>
    /// <exception cref="ProblemException">It is none (ORC6010).</exception>
    public static long? Number(string? cursor) =>
        cursor is null ? null : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw ServerErrors.WrongCursor();

    /// <summary>A cursor that is an identifier.</summary>
    /// <exception cref="ProblemException">It is none (ORC6010).</exception>
    public static string? Identifier(string? cursor) => cursor is null || IsIdentifier(cursor) ? cursor : throw ServerErrors.WrongCursor();

    /// <summary>True for what an identifier of a run or an attempt may look like.</summary>
    public static bool IsIdentifier(string text) => text.Length == 26 && text.All(char.IsAsciiLetterOrDigit);

    /// <summary>A name in a filter or a path: anything longer names nothing.</summary>
    public static string? Name(string? given, string parameter) =>
        given is null or { Length: > 0 and <= 200 } ? given : throw ServerErrors.WrongParameter(parameter, given, "a name of 1 to 200 characters");
}
