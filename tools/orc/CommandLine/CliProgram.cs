using System.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Cli.CommandLine;

/// <summary>The command line as a whole: builds the commands, runs one, and turns what goes wrong into words and an exit code.</summary>
internal static class CliProgram
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliConsole console, TimeProvider time, CancellationToken cancellation = default)
    {
        var root = new RootCommand("Runs machine learning pipelines durably: data checks, training, sweeps, comparison, deployment, rollback.");
        Globals.AddTo(root);
        foreach (var command in Commands.All((parsed, act) => RunOneAsync(Globals.Of(parsed, console, time), act)))
        {
            root.Subcommands.Add(command);
        }

        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await console.Error.WriteLineAsync($"error ORC5901: {error.Message}");
            }

            await console.Error.WriteLineAsync($"   = help: orc {string.Join(' ', PathOf(parsed.CommandResult))} --help".Replace("  --", " --", StringComparison.Ordinal));
            return ExitCodes.Wrong;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = console.Out, Error = console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellation);
    }

    private static IEnumerable<string> PathOf(System.CommandLine.Parsing.CommandResult command) =>
        command.Parent is System.CommandLine.Parsing.CommandResult parent ? PathOf(parent).Append(command.Command.Name) : [];

    private static async Task<int> RunOneAsync(Globals globals, Func<Globals, Task<int>> act)
    {
        try
        {
            return await act(globals);
        }
        catch (WrongRequestException wrong)
        {
            await TellAsync(globals, wrong.Failure);
            return ExitCodes.Wrong;
        }
        catch (ActivityException failed)
        {
            await TellAsync(globals, failed.Failure);
            return failed.Failure.Kind == FailureKind.Work ? ExitCodes.Wrong : ExitCodes.Failed;
        }
        catch (StorageException failed)
        {
            await TellAsync(globals, failed.ToFailure());
            return failed.Kind is StorageErrorKind.CannotOpen or StorageErrorKind.Newer or StorageErrorKind.Corrupted or StorageErrorKind.ReadOnly ? ExitCodes.Wrong : ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static async Task TellAsync(Globals globals, Failure failure)
    {
        await globals.Console.Error.WriteAsync(FailureText.Of(failure));
        if (globals.Json)
        {
            await globals.Console.Out.WriteLineAsync(System.Text.Json.JsonSerializer.Serialize(new { error = failure }, OrcJson.Indented));
        }
    }
}
