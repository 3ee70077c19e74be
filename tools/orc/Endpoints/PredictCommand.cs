using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Deployment.Prediction;

namespace Orchestrator.Cli.Endpoints;

/// <summary><c>orc predict ENDPOINT</c>: asks the model behind an endpoint.</summary>
internal static class PredictCommand
{
    public static Command Create(CommandFrame frame)
    {
        var endpoint = new Argument<string>("ENDPOINT") { Description = "An endpoint's name" };
        var row = new Option<string?>("--row") { Description = "One row as a JSON object, or several as an array of objects", HelpName = "JSON" };
        var file = new Option<string?>("--file") { Description = "A table: CSV, TSV, Parquet or JSON lines", HelpName = "FILE" };
        var command = new Command("predict", "Asks the model behind an endpoint") { endpoint, row, file };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var predictor = session.Get<EndpointPredictor>();
            var name = parsed.GetValue(endpoint) ?? "";
            var answer = (parsed.GetValue(row), parsed.GetValue(file)) switch
            {
                ({ } json, null) => await predictor.PredictJsonAsync(name, json, cancellation),
                (null, { } path) => await predictor.PredictFileAsync(name, path, cancellation),
                _ => throw new WrongRequestException("ORC5930", "give either --row or --file", help: $"orc predict {name} --row '{{\"column\": 1}}', or orc predict {name} --file rows.csv"),
            };
            if (globals.Json)
            {
                return Print.Json(globals, answer);
            }

            foreach (var note in answer.Notes)
            {
                globals.Console.Error.WriteLine($"note: {note}");
            }

            PrintRows(globals, answer);
            return ExitCodes.Done;
        }));
        return command;
    }

    private static void PrintRows(Globals globals, EndpointAnswer answer)
    {
        var classes = answer.Rows.Count > 0 ? answer.Rows[0].Probabilities.Keys.ToArray() : [];
        globals.Console.Error.WriteLine($"model {answer.Model} version {answer.Version}");
        // Machine-readable on purpose: a CSV that can be joined to the rows that were asked about.
        globals.Console.Out.WriteLine(string.Join(',', new[] { answer.Label }.Concat(classes.Select(name => $"p_{name}")).Select(Csv)));
        foreach (var row in answer.Rows)
        {
            var prediction = row.Class ?? row.Value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
            globals.Console.Out.WriteLine(string.Join(',', new[] { prediction }.Concat(classes.Select(name => row.Probabilities[name].ToString("0.######", CultureInfo.InvariantCulture))).Select(Csv)));
        }
    }

    private static string Csv(string text) => text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
