using System.Globalization;
using System.Text.Json;
using Orchestrator.Assets.Experiments;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Training.Sweeps;

/// <summary>What a sweep tells people and leaves for the tracking tables.</summary>
internal static class SweepTracking
{
    /// <summary>Logs a table of the best five trials and how many failed.</summary>
    public static void LogBest(ActivityContext context, Study study, IReadOnlyList<Trial> trials, Trial best)
    {
        var names = best.Parameters.Keys.ToList();
        string[] head = ["trial", study.Metric, .. names];
        var rows = study.Ranked(trials).Take(5).Select(trial => (string[])[Text(trial.Index), Text(trial.Score ?? double.NaN), .. names.Select(name => Text(trial.Parameters[name]))]).Prepend(head).ToList();
        var widths = head.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            context.Log(string.Join("  ", row.Select((cell, column) => cell.PadLeft(widths[column]))));
        }

        var failed = trials.Where(trial => trial.Score is null).ToList();
        if (failed.Count > 0)
        {
            context.Log(LogSeverity.Warning, $"{failed.Count} of {trials.Count} trials failed; the first, trial {failed[0].Index}: {failed[0].Problem}");
        }
    }

    /// <summary>Leaves the facts of the tracking run that stands over the trials' own.</summary>
    public static void Record(ActivityContext context, Study study, IReadOnlyList<Trial> trials, Trial best, ArtifactRef table, ArtifactRef page)
    {
        context.Record(new TrackingRunFact { Experiment = context.Attempt.Pipeline, Name = context.Attempt.Task.Value, Seed = study.Seed });
        Param("search", study.Search);
        Param("space", study.Space);
        Param("metric", study.Metric);
        foreach (var (name, value) in best.Parameters)
        {
            Param($"best.{name}", value);
        }

        var now = context.Time.GetUtcNow();
        foreach (var trial in trials)
        {
            if (trial.Score is { } score)
            {
                context.Record(new MetricFact { Key = study.Metric, Value = score, Step = trial.Index, At = now });
            }
        }

        context.Record(new MetricFact { Key = $"best.{study.Metric}", Value = best.Score ?? double.NaN, At = now });
        context.Record(new TagFact { Key = "best.trial", Value = best.Index.ToString(CultureInfo.InvariantCulture) });
        if (best.Model?.TrackingRun is { } run)
        {
            context.Record(new TagFact { Key = "best.run", Value = run });
        }

        context.Record(new RunArtifactFact { Path = "sweep/trials.json", Artifact = table });
        context.Record(new RunArtifactFact { Path = "sweep/sweep.html", Artifact = page });

        void Param<T>(string key, T value) => context.Record(new ParamFact { Key = key, Value = OrcJson.ToElement(value) });
    }

    internal static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    internal static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => Text(value.GetDouble()),
        JsonValueKind.String => value.GetString() ?? "",
        _ => value.GetRawText(),
    };
}
