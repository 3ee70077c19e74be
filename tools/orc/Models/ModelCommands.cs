using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Tracking.Models;

namespace Orchestrator.Cli.Models;

/// <summary><c>orc models</c>: registered models, their versions and aliases, and where each came from.</summary>
internal static class ModelCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("models", "Registered models, their versions and aliases") { CreateList(frame), CreateShow(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateList(CommandFrame frame)
    {
        var command = new Command("list", "Lists registered models");
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    private static async Task<int> ListAsync(Globals globals, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenToLookAsync(globals, cancellation);
        var models = await session.Get<ModelQueries>().ListAsync(cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, models);
        }

        if (models.Count == 0)
        {
            globals.Console.Out.WriteLine("No registered model yet. A pipeline registers one with model.register or model.deploy.");
            return ExitCodes.Done;
        }

        Print.Table(globals, ["MODEL", "LATEST", "ALIASES", "UPDATED"], models.Select(model => new[]
        {
            model.Name,
            model.LatestVersion.ToString(CultureInfo.InvariantCulture),
            string.Join(", ", model.Aliases.Select(alias => $"{alias.Key} -> {alias.Value}")),
            Words.Ago(model.UpdatedAt, globals.Time.GetUtcNow()),
        }));
        return ExitCodes.Done;
    }

    private static Command CreateShow(CommandFrame frame)
    {
        var name = new Argument<string>("MODEL") { Description = "A registered model's name" };
        var command = new Command("show", "Shows a model's versions and where each came from") { name };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenToLookAsync(globals, cancellation);
            var model = await session.Get<ModelQueries>().GetAsync(parsed.GetValue(name) ?? "", cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, model);
            }

            foreach (var version in model.Versions)
            {
                PrintVersion(globals, model.Model.Name, version);
            }

            if (model.AliasHistory.Count > 0)
            {
                Print.Table(globals, ["ALIAS", "VERSION", "BEFORE", "WHEN", "REASON"], model.AliasHistory.Select(change => new[]
                {
                    change.Alias,
                    change.Version?.ToString(CultureInfo.InvariantCulture) ?? "(removed)",
                    change.PreviousVersion?.ToString(CultureInfo.InvariantCulture) ?? "",
                    $"{change.ChangedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}",
                    change.Reason ?? (change.PipelineRun is { } run ? $"run {run}, task {change.Task}" : "by command"),
                }));
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static void PrintVersion(Globals globals, string name, ModelVersionInfo version)
    {
        var source = version.Source;
        Print.Pairs(
            globals,
            ("version", $"models:/{name}/{version.Version}{(version.Aliases.Count > 0 ? $" ({string.Join(", ", version.Aliases)})" : "")}"),
            ("registered", $"{version.CreatedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}{(version.Run is { } run ? $" by run {run}, task {version.Task}" : "")}"),
            ("learned from", version.Model.DatasetVersion is { } dataset ? $"dataset version {dataset[..Math.Min(12, dataset.Length)]}" : null),
            ("predicts", $"{version.Model.Signature.Label} from {version.Model.Signature.Features.Count} features"),
            ("commit", source?.GitCommit),
            ("definition", source?.Definition?.Short),
            ("parameters", source is { Params.Count: > 0 } ? string.Join(", ", source.Params.Select(one => $"{one.Key}={one.Value}")) : null),
            ("metrics", source is { Metrics.Count: > 0 } ? string.Join(", ", source.Metrics.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key} {one.Value:0.####}"))) : null),
            ("artifact", $"{version.Model.Artifact.Hash[..12]} ({Words.Bytes(version.Model.Artifact.SizeInBytes)})"));
        globals.Console.Out.WriteLine();
    }
}
