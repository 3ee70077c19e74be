using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Values;
using Orchestrator.Data.Inspection;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Cli.Pipelines;

/// <summary><c>orc init TABLE</c>: looks at a table and writes a first pipeline that runs.</summary>
internal static partial class InitCommand
{
    public static Command Create(CommandFrame frame)
    {
        var table = new Argument<string>("TABLE") { Description = "A table: CSV, TSV, Parquet or JSON lines" };
        var label = new Option<string?>("--label") { Description = "The column to predict (default: the one that looks most like it)", HelpName = "COLUMN" };
        var name = new Option<string?>("--name") { Description = "The pipeline's name (default: the table's)" };
        var output = new Option<string?>("--output", "-o") { Description = "The file to write (default: NAME.json beside the table)", HelpName = "FILE" };
        var command = new Command("init", "Writes a first pipeline for a table: rules, split, sweep, evaluation, comparison, deployment") { table, label, name, output };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var inspection = await TableInspector.InspectAsync(Path.GetFullPath(parsed.GetValue(table) ?? ""), cancellation);
            var target = ChooseLabel(inspection, parsed.GetValue(label));
            var pipeline = parsed.GetValue(name) ?? NameOf(inspection.Path);
            if (!TaskName.IsValid(pipeline))
            {
                throw new WrongRequestException("ORC5941", $"\"{pipeline}\" cannot name a pipeline", why: $"a name is {TaskName.Rule}", help: "Give another with --name.");
            }

            var path = Path.GetFullPath(parsed.GetValue(output) ?? Path.Combine(Path.GetDirectoryName(inspection.Path) ?? ".", $"{pipeline}.json"));
            if (File.Exists(path))
            {
                throw new WrongRequestException("ORC5942", $"{path} exists already", why: "a pipeline that somebody wrote is never overwritten", help: "Choose another file with --output.");
            }

            var text = Build(inspection, target, pipeline, Path.GetDirectoryName(path) ?? ".").ToJsonString(OrcJson.Indented) + "\n";
            Check(globals, path, text);
            await OutputFile.WriteAsync(path, text, cancellation);
            return globals.Json
                ? Print.Json(globals, new { file = path, pipeline, label = target.Column, task = target.Task, reason = target.Reason, leftOut = inspection.LeaveOut, rules = inspection.Rules.Count })
                : Tell(globals, inspection, target, path);
        }));
        return command;
    }

    private static LabelProposal ChooseLabel(TableInspection inspection, string? wish)
    {
        if (wish is null)
        {
            return inspection.Label ?? throw new WrongRequestException(
                "ORC5943", $"no column of {inspection.Path} looks like one to predict", help: $"Say which with --label. There are: {string.Join(", ", inspection.Columns.Select(column => column.Name))}.");
        }

        if (inspection.Label is { } proposed && proposed.Column == wish)
        {
            return proposed;
        }

        var column = inspection.Columns.FirstOrDefault(one => one.Name == wish)
            ?? throw new WrongRequestException("ORC5944", $"{inspection.Path} has no column \"{wish}\"", help: $"There are: {string.Join(", ", inspection.Columns.Select(one => one.Name))}.");
        var isNumber = column.Type is Assets.Datasets.ColumnType.Number or Assets.Datasets.ColumnType.Integer && column.Profile.Distinct > 20;
        return new LabelProposal(wish, isNumber ? LearningTask.Regression : LearningTask.Classification, "you named it", null);
    }

    private static JsonObject Build(TableInspection inspection, LabelProposal label, string name, string folder)
    {
        var classify = label.Task == LearningTask.Classification;
        var metric = classify ? "auc" : "rmse";
        var train = new JsonObject { ["data"] = "${tasks.split.train}", ["label"] = label.Column, ["trainer"] = "lightgbm", ["seed"] = 7 };
        var leaveOut = inspection.LeaveOut.Select(column => column.Column).Where(column => column != label.Column).ToArray();
        if (leaveOut.Length > 0)
        {
            train["exclude"] = new JsonArray([.. leaveOut.Select(column => (JsonNode)column)]);
        }

        var split = new JsonObject { ["dataset"] = "${tasks.validate.version}", ["testFraction"] = 0.2, ["seed"] = 7 };
        if (classify)
        {
            split["stratifyBy"] = label.Column;
        }

        return new JsonObject
        {
            ["name"] = name,
            ["title"] = $"Predicts {label.Column}",
            ["tasks"] = new JsonObject
            {
                ["snapshot"] = Task("data.snapshot", new JsonObject { ["source"] = Path.GetRelativePath(folder, inspection.Path), ["name"] = name }),
                ["validate"] = Task("data.validate", new JsonObject { ["dataset"] = "${tasks.snapshot.version}", ["expect"] = JsonSerializer.SerializeToNode(inspection.Rules, OrcJson.Options) }),
                ["split"] = Task("data.split", split),
                ["sweep"] = Task("train.sweep", new JsonObject
                {
                    ["train"] = new JsonObject { ["uses"] = classify ? "train.classifier" : "train.regressor", ["with"] = train },
                    ["space"] = Space(),
                    ["search"] = new JsonObject { ["kind"] = "tpe", ["trials"] = 20 },
                    ["metric"] = metric,
                    ["seed"] = 7,
                }),
                ["evaluate"] = Task("model.evaluate", new JsonObject { ["model"] = "${tasks.sweep.best}", ["data"] = "${tasks.split.test}" }),
                ["compare"] = Task("model.compare", new JsonObject
                {
                    ["candidate"] = "${tasks.sweep.best}", ["baseline"] = $"models:/{name}@champion", ["data"] = "${tasks.split.test}", ["metric"] = metric,
                }),
                ["deploy"] = new JsonObject
                {
                    ["uses"] = "model.deploy", ["needs"] = new JsonArray("evaluate"), ["when"] = "tasks.compare.notWorse", ["with"] = new JsonObject { ["model"] = "${tasks.sweep.best}", ["endpoint"] = name },
                },
            },
        };
    }

    private static JsonArray Space() => JsonNode.Parse("""
        [
          { "name": "learningRate", "kind": "log-uniform", "low": 0.01, "high": 0.3 },
          { "name": "leaves", "kind": "integer", "low": 8, "high": 128 }
        ]
        """)?.AsArray() ?? [];

    private static JsonObject Task(string uses, JsonObject with) => new() { ["uses"] = uses, ["with"] = with };

    /// <summary>What this program writes must be what it reads.</summary>
    private static void Check(Globals globals, string path, string text)
    {
        var result = DefinitionReader.Read(new SourceText(path, text), Families.Catalog());
        if (result.HasErrors)
        {
            globals.Console.Error.Write(DiagnosticRenderer.Render(result.Diagnostics, globals.Console.UseColor));
            throw new WrongRequestException("ORC5945", "the pipeline that was made for this table is not valid, so it was not written", help: "This is a mistake in the program; please report it with the table's header.");
        }
    }

    private static int Tell(Globals globals, TableInspection inspection, LabelProposal label, string path)
    {
        var output = globals.Console.Out;
        var kind = label.Task == LearningTask.Classification ? "a class" : "a number";
        output.WriteLine($"{inspection.Rows} rows, {inspection.Columns.Count} columns");
        output.WriteLine($"predict: {label.Column}, {kind} ({label.Reason})");
        output.WriteLine($"rules:   {inspection.Rules.Count} that hold on this table");
        foreach (var column in inspection.LeaveOut.Where(column => column.Column != label.Column))
        {
            output.WriteLine($"left out of learning: {column.Column} ({column.Reason})");
        }

        foreach (var note in inspection.Notes)
        {
            output.WriteLine($"note: {note}");
        }

        var shown = Path.GetRelativePath(Environment.CurrentDirectory, path);
        output.WriteLine($"wrote {shown}\n\nnext:\n  orc graph {shown}\n  orc run {shown}");
        return ExitCodes.Done;
    }

    private static string NameOf(string path)
    {
        var text = new StringBuilder(NotWord().Replace(Path.GetFileNameWithoutExtension(path), "_").Trim('_'));
        if (text.Length == 0 || !char.IsAsciiLetter(text[0]))
        {
            text.Insert(0, "table_");
        }

        return text.Length > 60 ? text.ToString(0, 60) : text.ToString();
    }

    [GeneratedRegex("[^A-Za-z0-9_-]+")]
    private static partial Regex NotWord();
}
