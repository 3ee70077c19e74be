using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Data.Catalog;
using Orchestrator.Runtime.Artifacts;

namespace Orchestrator.Cli.Data;

/// <summary><c>orc data</c>: datasets, their versions with profiles, what validations said, and what changed between two versions.</summary>
internal static class DataCommands
{
    public static Command Create(CommandFrame frame)
    {
        var list = new Command("list", "Lists datasets");
        list.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        var command = new Command("data", "Datasets, their versions and what validations said") { list, CreateShow(frame), CreateDiff(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    private static async Task<int> ListAsync(Globals globals, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenToLookAsync(globals, cancellation);
        var datasets = await session.Get<DatasetCatalog>().ListAsync(cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, datasets);
        }

        if (datasets.Count == 0)
        {
            globals.Console.Out.WriteLine("No dataset yet. A pipeline makes one with data.snapshot.");
            return ExitCodes.Done;
        }

        Print.Table(globals, ["DATASET", "VERSIONS", "NEWEST", "ROWS", "UPDATED"], datasets.Select(dataset => new[]
        {
            dataset.Name, Number(dataset.Versions), dataset.Newest[..12], Number(dataset.Rows), Words.Ago(dataset.UpdatedAt, globals.Time.GetUtcNow()),
        }));
        return ExitCodes.Done;
    }

    private static Command CreateShow(CommandFrame frame)
    {
        var name = new Argument<string>("DATASET") { Description = "A dataset's name" };
        var version = new Argument<string>("VERSION") { Description = "A version, its first characters, or \"latest\"", DefaultValueFactory = _ => DatasetCatalog.Latest };
        var command = new Command("show", "Shows a version of a dataset: columns, profile, validations") { name, version };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenToLookAsync(globals, cancellation);
            var catalog = session.Get<DatasetCatalog>();
            var found = await catalog.GetAsync(parsed.GetValue(name) ?? "", parsed.GetValue(version) ?? DatasetCatalog.Latest, cancellation);
            var profile = await DatasetCatalog.ReadProfileAsync(found, session.Get<ArtifactStore>(), cancellation);
            var validations = await catalog.ValidationsAsync(found.Dataset.Name, found.Dataset.Version, 10, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, new { version = found, profile, validations, versions = await catalog.VersionsAsync(found.Dataset.Name, cancellation) });
            }

            Print.Pairs(
                globals,
                ("dataset", found.Dataset.Name),
                ("version", found.Dataset.Version),
                ("source", found.Source),
                ("rows", Number(found.Dataset.Rows)),
                ("first seen", $"{found.CreatedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss} in run {found.Run}"),
                ("file", session.Get<ArtifactStore>().PathOf(found.Dataset.Data)));
            globals.Console.Out.WriteLine();
            Print.Table(globals, ["COLUMN", "TYPE", "NULLS", "DISTINCT", "MIN", "MAX", "MEAN"], profile.Columns.Select(column => new[]
            {
                column.Name, column.Type.ToString().ToLowerInvariant(), Number(column.Nulls), Number(column.Distinct), Text(column.Min), Text(column.Max), Text(column.Mean),
            }));
            if (validations.Count > 0)
            {
                globals.Console.Out.WriteLine();
                Print.Table(globals, ["VALIDATED", "PASSED", "ERRORS", "WARNINGS", "RUN"], validations.Select(one => new[]
                {
                    $"{one.At.ToLocalTime():yyyy-MM-dd HH:mm:ss}", one.Passed ? "yes" : "no", Number(one.Errors), Number(one.Warnings), one.Run.Value,
                }));
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateDiff(CommandFrame frame)
    {
        var name = new Argument<string>("DATASET") { Description = "A dataset's name" };
        var before = new Argument<string>("BEFORE") { Description = "The earlier version" };
        var after = new Argument<string>("AFTER") { Description = "The later version", DefaultValueFactory = _ => DatasetCatalog.Latest };
        var command = new Command("diff", "Says what is different between two versions of a dataset") { name, before, after };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenToLookAsync(globals, cancellation);
            var catalog = session.Get<DatasetCatalog>();
            var dataset = parsed.GetValue(name) ?? "";
            var diff = await DatasetCatalog.DiffAsync(
                await catalog.GetAsync(dataset, parsed.GetValue(before) ?? "", cancellation),
                await catalog.GetAsync(dataset, parsed.GetValue(after) ?? DatasetCatalog.Latest, cancellation),
                session.Get<ArtifactStore>(),
                cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, diff);
            }

            globals.Console.Out.WriteLine($"rows: {Number(diff.Before.Rows)} -> {Number(diff.After.Rows)} ({diff.RowsAdded:+0;-0;0})");
            foreach (var column in diff.Added)
            {
                globals.Console.Out.WriteLine($"new column: {column.Name} ({column.Type.ToString().ToLowerInvariant()})");
            }

            foreach (var column in diff.Removed)
            {
                globals.Console.Out.WriteLine($"gone column: {column.Name}");
            }

            if (diff.Changed.Count > 0)
            {
                Print.Table(globals, ["COLUMN", "NULLS", "DISTINCT", "MEAN", "NEW VALUES"], diff.Changed.Select(column => new[]
                {
                    column.Name,
                    $"{column.Before.Nulls} -> {column.After.Nulls}",
                    $"{column.Before.Distinct} -> {column.After.Distinct}",
                    column.After.Mean is null ? "" : $"{Text(column.Before.Mean)} -> {Text(column.After.Mean)}",
                    string.Join(", ", column.NewValues.Take(5)),
                }));
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text<T>(T? value) => value switch
    {
        null => "",
        double number => number.ToString("0.####", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
