using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.Retention;

namespace Orchestrator.Cli.Retention;

/// <summary>Plans and what came of them, for people.</summary>
internal static class PlanReport
{
    public const int Few = 10;

    public static void Print(Globals globals, RetentionPlan plan, int most)
    {
        var writer = globals.Console.Out;
        var policy = RetentionDocuments.PolicyOf(plan.Policy);
        writer.WriteLine(policy.Count == 0
            ? "this home keeps everything; say how long with: orc settings set retention.runs 90d (and retention.logs, .artifacts, .events, .ticks)"
            : $"kept: {string.Join(", ", policy.Where(one => one.Key != "every").Select(one => $"{one.Key} {one.Value}"))}, and the newest {plan.Policy.KeepRuns} runs of each pipeline");
        writer.WriteLine(plan.Policy is { KeepsAll: false, Every: null } ? "applied only by hand; by servers when this is set: orc settings set retention.every 1d" : plan.Policy.Every is { } every ? $"applied by servers every {Core.Values.Durations.Format(every)}" : "");
        foreach (var line in Lines(plan))
        {
            writer.WriteLine(line);
        }

        if (plan.Runs.Remove.Count > 0)
        {
            writer.WriteLine();
            Table(globals, ["REMOVED", "PIPELINE", "STATUS", "ENDED"], plan.Runs.Remove, most, run => [run.Id.Value, run.Pipeline, run.Status, Words.Ago(run.EndedAt ?? plan.At, plan.At)]);
        }

        if (plan.Runs.Kept.Count > 0)
        {
            writer.WriteLine();
            Table(globals, ["KEPT", "PIPELINE", "STATUS", "ENDED", "BECAUSE"], plan.Runs.Kept, most, kept => [kept.Run.Id.Value, kept.Run.Pipeline, kept.Run.Status, Words.Ago(kept.Run.EndedAt ?? plan.At, plan.At), kept.Why]);
        }
    }

    public static IEnumerable<string> Lines(RetentionReport report) => Lines(
        "removed",
        new Numbers(report.Runs, report.Logs, report.Artifacts, report.EventsOf, report.ArtifactsOf, report.Ticks, report.Messages, report.Backfills)).Concat(new[]
        {
            report.Spared > 0 ? $"{Count(report.Spared, "run")} stayed: something began to refer to them meanwhile" : null,
            report.Waiting.Files > 0 ? $"{Of(report.Waiting)} that nothing refers to stay for now: {report.ArtifactsWait ?? "they were written again"}"
                : report.ArtifactsWait is { } wait ? $"no artifact was looked at: {wait}" : null,
        }.OfType<string>());

    private static IEnumerable<string> Lines(RetentionPlan plan) => Lines(
        "would be removed",
        new Numbers(plan.Runs.Remove.Count, plan.Logs, plan.Artifacts, plan.Runs.EventsOf.Count, plan.Runs.ArtifactsOf.Count, plan.Ticks, plan.Messages, plan.Backfills.Count))
        .Concat(plan.ArtifactsWait is { } wait ? [$"the artifacts not at once: {wait}"] : []);

    private static IEnumerable<string> Lines(string verb, Numbers numbers)
    {
        var parts = new[]
        {
            numbers.Runs > 0 ? Count(numbers.Runs, "run") : null,
            numbers.EventsOf > 0 ? $"the events of {Count(numbers.EventsOf, "run")}" : null,
            numbers.ArtifactsOf > 0 ? $"{Count(numbers.ArtifactsOf, "run")} counted no longer as users of artifacts" : null,
            numbers.Logs.Files > 0 ? $"logs: {Of(numbers.Logs)}" : null,
            numbers.Artifacts.Files > 0 ? $"artifacts: {Of(numbers.Artifacts)}" : null,
            numbers.Ticks > 0 ? Count(numbers.Ticks, "decision") + " of triggers" : null,
            numbers.Messages > 0 ? Count(numbers.Messages, "message") : null,
            numbers.Backfills > 0 ? Count(numbers.Backfills, "backfill") : null,
        }.OfType<string>().ToArray();
        yield return parts.Length == 0 ? $"nothing {(verb == "removed" ? "was" : "")} {verb}".Replace("  ", " ", StringComparison.Ordinal) : $"{verb}:";
        foreach (var part in parts)
        {
            yield return $"  {part}";
        }
    }

    private static void Table<T>(Globals globals, string[] head, IReadOnlyList<T> rows, int most, Func<T, string[]> row)
    {
        Terminal.Print.Table(globals, head, rows.Take(most).Select(row));
        if (rows.Count > most)
        {
            globals.Console.Out.WriteLine($"… and {rows.Count - most:N0} more (--all lists them)");
        }
    }

    private static string Of(Amount amount) => $"{Count(amount.Files, "file")}, {Words.Bytes(amount.Bytes)}";

    private static string Count(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");

    private sealed record Numbers(long Runs, Amount Logs, Amount Artifacts, long EventsOf, long ArtifactsOf, long Ticks, long Messages, long Backfills);
}
