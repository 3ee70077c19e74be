using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Dsl;

namespace Orchestrator.Cli.Pipelines;

/// <summary><c>orc export FILE</c>: a pipeline as JSON, however it was written.</summary>
internal static class ExportCommand
{
    public static Command Create(CommandFrame frame)
    {
        var file = new Argument<string>("FILE") { Description = "A pipeline: C# script (.csx) or JSON (.json)" };
        var output = new Option<string?>("--output", "-o") { Description = "Write to this file instead of standard output" };
        var command = new Command("export", "Writes a pipeline as JSON, however it was written") { file, output };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var read = await DefinitionFile.ReadAsync(globals, parsed.GetValue(file) ?? "", Families.Catalog(), cancellation);
            var json = DefinitionWriter.ToJson(ValidateCommand.Require(globals, read));
            if (parsed.GetValue(output) is { } path)
            {
                await OutputFile.WriteAsync(path, json + "\n", cancellation);
            }
            else
            {
                globals.Console.Out.WriteLine(json);
            }

            return ExitCodes.Done;
        }));
        return command;
    }
}
