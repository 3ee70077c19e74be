using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>What is said about steps while they run, ORC560x.</summary>
internal static class StepErrors
{
    private const int MostFrames = 20;

    public static ActivityException NoSuchStep(string step, IReadOnlyList<string> known) => new(
        "ORC5611",
        $"the script has no step \"{step}\"",
        why: "a step's code stays in the script, and the definition refers to it by name",
        help: NearNames.Question(step, known) ?? (known.Count > 0 ? $"Its steps are {string.Join(", ", known)}." : "It has no steps at all."));

    public static ActivityException DoesNotEvaluate(string findings) => new(
        new Failure
        {
            Code = "ORC5612",
            Kind = FailureKind.Work,
            Message = "the script of the step does not evaluate here",
            Why = "a step runs by evaluating its script again in the worker",
            Help = "Run orc validate on the script with this version of the program.",
            Details = findings.Split('\n'),
        });

    public static ActivityException NotDeclared(string reference, IEnumerable<string> known) => new(
        "ORC5613",
        $"the step reads {reference}, which was not known when the pipeline was written",
        why: "what a step reads is handed to it by the engine, so it must be known before it runs",
        help: $"Name it in reads: [ … ]{(known.ToList() is { Count: > 0 } names ? $". The step has {string.Join(", ", names)}" : "")}.");

    public static ActivityException WrongType(string reference, string type, JsonException wrong) => new(
        new Failure { Code = "ORC5614", Kind = FailureKind.Work, Message = $"the step reads {reference} as {type}, and it is another type", Why = wrong.Message },
        wrong);

    // Code in place may well talk to something that is back in a minute, so its failures may be retried; the author decides with a retry policy.
    public static ActivityException Threw(string what, Exception thrown, string? place) => new(
        new Failure
        {
            Code = "ORC5615",
            Kind = FailureKind.Work,
            Message = $"{what} threw {thrown.GetType().Name}: {thrown.Message}{(place is null ? "" : $" ({place})")}",
            Retryable = true,
            Details = StackOf(thrown),
        },
        thrown);

    /// <summary>The innermost frames: of a recursion without an end there are tens of thousands.</summary>
    private static string[] StackOf(Exception thrown)
    {
        var frames = (thrown.StackTrace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return frames.Length <= MostFrames ? frames : [.. frames.Take(MostFrames), string.Create(CultureInfo.InvariantCulture, $"and {frames.Length - MostFrames} more")];
    }

    public static ActivityException CodeDoesNotCompile(string findings) => new(
        new Failure
        {
            Code = "ORC5616",
            Kind = FailureKind.Work,
            Message = "the code of the step does not compile",
            Help = "The places below count lines and columns in the text of \"code\".",
            Details = findings.Split('\n'),
        });
}
