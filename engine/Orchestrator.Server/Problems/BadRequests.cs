using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.Server.Problems;

/// <summary>Says what is wrong with a request that the framework could not bind, in the words of the one who sent it: names and places, and none of our classes.</summary>
internal static partial class BadRequests
{
    public static ApiProblem Of(BadHttpRequestException bad, HttpContext context) => bad switch
    {
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => ServerErrors.BodyTooLarge(LimitOf(context)).Problem,
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => ServerErrors.WrongMediaType(context.Request.ContentType, "application/json").Problem,
        { StatusCode: StatusCodes.Status408RequestTimeout } => ServerErrors.WrongBody("it came too slowly").Problem with { Status = bad.StatusCode },
        { InnerException: JsonException json } => OfJson(json),
        _ when Parameter().Match(bad.Message) is { Success: true } parameter => ServerErrors.WrongParameter(parameter.Groups["name"].Value, parameter.Groups["value"].Value, Wanted(parameter.Groups["type"].Value)).Problem,
        _ when bad.Message.Contains("body", StringComparison.OrdinalIgnoreCase) => ServerErrors.WrongBody("there is none, or it is null").Problem,
        _ => ServerErrors.WrongBody("it ended early or is no HTTP").Problem with { Status = bad.StatusCode },
    };

    private static ApiProblem OfJson(JsonException json)
    {
        if (MissingMembers().Match(json.Message) is { Success: true } missing)
        {
            return ServerErrors.WrongBody($"it has no {missing.Groups["names"].Value.Replace('\'', '"')}{At(json)}").Problem;
        }

        if (UnknownMember().Match(json.Message) is { Success: true } unknown)
        {
            return ServerErrors.WrongBody($"it has a member \"{unknown.Groups["name"].Value}\", which means nothing here{At(json)}").Problem;
        }

        return ServerErrors.WrongBody(
            json.Message.Contains("could not be converted", StringComparison.Ordinal) ? $"what stands there is of another type{At(json)}"
            : json.Message.Contains("Duplicate", StringComparison.OrdinalIgnoreCase) ? $"a member stands there twice{At(json)}"
            : json.Message.Contains("null", StringComparison.OrdinalIgnoreCase) ? $"null stands there where a value must{At(json)}"
            : $"it is not JSON{At(json)}").Problem;
    }

    private static string At(JsonException json) => string.Create(
        CultureInfo.InvariantCulture, $" (at {json.Path ?? "$"}{(json.LineNumber is { } line ? $", line {line + 1}, byte {json.BytePositionInLine + 1}" : "")})");

    private static string Wanted(string type) => type.TrimEnd('?') switch
    {
        _ when type.Contains("int", StringComparison.OrdinalIgnoreCase) || type.Contains("long", StringComparison.Ordinal) => "a whole number",
        _ when type.Contains("bool", StringComparison.OrdinalIgnoreCase) => "true or false",
        _ when type.Contains("DateTimeOffset", StringComparison.Ordinal) => "a date and time with its offset, as 2026-03-01T02:00:00Z",
        _ => "something else",
    };

    internal static long LimitOf(HttpContext context) =>
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? 0;

    [GeneratedRegex("""^Failed to bind parameter "(?<type>.+) (?<name>\w+)" from "(?<value>.*)"\.$""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Parameter();

    [GeneratedRegex("""missing required properties including: (?<names>.+?)\.?$""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex MissingMembers();

    [GeneratedRegex("""The JSON property '(?<name>.*)' could not be mapped""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex UnknownMember();
}
