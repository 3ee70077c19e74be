using System.Globalization;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Server.Problems;

namespace Orchestrator.Cli.Remote;

/// <summary>What a server said in the place of an answer: told as if this program had said it itself, since it would have.</summary>
internal sealed class ServerProblemException(Failure failure, int status, string? where) : Exception(failure.Message)
{
    private const int LongestText = 2000;

    public Failure Failure { get; } = failure;

    /// <summary>The server; null: the one of this home, which nobody needs to be told of.</summary>
    public string? Where { get; } = where;

    public int Status { get; } = status;

    public int ExitCode => Status is >= 500 or 429 ? ExitCodes.Failed : ExitCodes.Wrong;

    /// <summary>Reads problem details. False when it is none.</summary>
    public static bool TryRead(byte[] body, string? mediaType, out ApiProblem? problem)
    {
        problem = null;
        try
        {
            problem = mediaType == "application/problem+json" ? JsonSerializer.Deserialize<ApiProblem>(body, ServerClient.Json) : null;
        }
        catch (JsonException)
        {
            // Somebody else's problem details: a proxy's, for example.
        }

        return problem is not null;
    }

    public static Failure FailureOf(ApiProblem problem) => new()
    {
        Code = Plain.Of(problem.Code, 20),
        Kind = problem.Status is >= 500 or 429 ? FailureKind.Infrastructure : FailureKind.Work,
        Message = Plain.Of(problem.Detail, LongestText),
        Why = problem.Why is { } why ? Plain.Of(why, LongestText) : null,
        Help = problem.Help is { } help ? Plain.Of(help, LongestText) : null,
        RetryAfter = problem.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        Details = [.. (problem.Details ?? []).Concat((problem.Diagnostics ?? []).Select(Line)).Select(line => Plain.Of(line, LongestText))],
    };

    private static string Line(DiagnosticDocument found) =>
        string.Create(CultureInfo.InvariantCulture, $"{found.Severity} {found.Code}: {found.File}:{found.Line}:{found.Column}: {found.Message}{(found.Help is null ? "" : $" ({found.Help})")}");
}
