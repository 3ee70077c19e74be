using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Cli.Pipelines;

/// <summary><c>orc validate FILE</c>: everything that is wrong with a pipeline, before anything runs.</summary>
internal static class ValidateCommand
{
    public static Command Create(CommandFrame frame)
    {
        var files = new Argument<string[]>("FILE") { Description = "Pipelines: C# scripts (.csx) or JSON (.json)", Arity = ArgumentArity.OneOrMore };
        var command = new Command("validate", "Checks pipelines and reports everything that is wrong at once") { files };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var catalog = Families.Catalog();
            var read = new List<DefinitionFile>();
            foreach (var file in parsed.GetValue(files) ?? [])
            {
                read.Add(await DefinitionFile.ReadAsync(globals, file, catalog, cancellation));
            }

            if (globals.Json)
            {
                Print.Json(globals, read.Select(ToDocument));
            }
            else
            {
                read.ForEach(file => PrintOne(globals, file));
            }

            return read.Exists(file => file.Pipeline is null) ? ExitCodes.Wrong : ExitCodes.Done;
        }));
        return command;
    }

    /// <summary>The definition of a file, or its findings on standard error and exit code 2.</summary>
    public static PipelineDefinition Require(Globals globals, DefinitionFile file)
    {
        if (file.Diagnostics.Count > 0)
        {
            globals.Console.Error.Write(DiagnosticRenderer.Render(file.Diagnostics, globals.Console.UseColor));
        }

        return file.Pipeline ?? throw new WrongRequestException(
            "ORC5912", $"{file.Path} has {Count(file.Diagnostics.Count(found => found.IsError), "error")}, so nothing was done");
    }

    private static void PrintOne(Globals globals, DefinitionFile file)
    {
        if (file.Diagnostics.Count > 0)
        {
            globals.Console.Out.Write(DiagnosticRenderer.Render(file.Diagnostics, globals.Console.UseColor));
        }

        var errors = file.Diagnostics.Count(found => found.IsError);
        var warnings = file.Diagnostics.Count - errors;
        globals.Console.Out.WriteLine(file.Pipeline is { } pipeline
            ? $"{file.Path}: pipeline \"{pipeline.Name}\" with {Count(SubPipelineDefinition.CountTasks(pipeline), "task")} is valid{(warnings > 0 ? $", with {Count(warnings, "warning")}" : "")} (definition {DefinitionWriter.Hash(pipeline).Short})"
            : $"{file.Path}: {Count(errors, "error")}{(warnings > 0 ? $", {Count(warnings, "warning")}" : "")}");
    }

    private static object ToDocument(DefinitionFile file) => new
    {
        file = file.Path,
        valid = file.Pipeline is not null,
        pipeline = file.Pipeline?.Name,
        definition = file.Pipeline is { } pipeline ? DefinitionWriter.Hash(pipeline).Value : null,
        diagnostics = DiagnosticRenderer.ToJson(file.Diagnostics),
    };

    private static string Count(int number, string thing) => $"{number} {thing}{(number == 1 ? "" : "s")}";
}
