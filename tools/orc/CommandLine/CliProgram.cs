using System.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Remote;
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

        if (arguments.Count == 0)
        {
            // Who types only the name wants to know what there is; it is a wrong request all the same, so that no script goes on.
            await root.Parse(["--help"]).InvokeAsync(new InvocationConfiguration { Output = console.Error, Error = console.Error }, cancellation);
            return ExitCodes.Wrong;
        }

        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            await TellAsync(Globals.Of(parsed, console, time), WrongWords(parsed));
            return ExitCodes.Wrong;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = console.Out, Error = console.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellation);
    }

    /// <summary>What is wrong with the words of a command line, as one failure.</summary>
    private static Failure WrongWords(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var known = command.Subcommands.Select(one => one.Name).Concat(command.Options.Select(one => one.Name)).Concat(parsed.RootCommandResult.Command.Options.Select(one => one.Name));
        // A missing command is no news beside a word that should have been one.
        var unknown = parsed.UnmatchedTokens.ToArray();
        var messages = unknown.Length > 0 && command.Subcommands.Count > 0
            ? unknown.Take(1).Select(word => word.StartsWith('-') ? $"there is no option {word}" : $"there is no command \"{word}\"")
            : parsed.Errors.Select(error => error.Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal)).Distinct();
        return new Failure
        {
            Code = "ORC5901",
            Kind = FailureKind.Work,
            Message = string.Join("; ", messages),
            Help = string.Join(' ', new[] { unknown.Length > 0 ? NearNames.Question(unknown[0], known) : null, string.Join(' ', ["orc", .. PathOf(parsed.CommandResult), "--help"]) }.OfType<string>()),
        };
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
        catch (ServerProblemException refused)
        {
            await TellAsync(globals, refused.Failure, refused.Where);
            return refused.ExitCode;
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

    private static async Task TellAsync(Globals globals, Failure failure, string? where = null)
    {
        await globals.Console.Error.WriteAsync(FailureText.Of(failure, where));
        if (globals.Json)
        {
            await globals.Console.Out.WriteLineAsync(System.Text.Json.JsonSerializer.Serialize(new { error = failure }, OrcJson.Indented));
        }
    }
}
