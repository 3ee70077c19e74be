using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;

namespace Orchestrator.Activities.Commands;

/// <summary>
/// Runs any program. It finds its inputs as JSON in the file that <c>ORC_INPUTS</c> names, and may write outputs as JSON to the file that <c>ORC_OUTPUTS</c> names;
/// <c>ORC_RUN</c>, <c>ORC_TASK</c>, <c>ORC_INDEX</c>, <c>ORC_ATTEMPT</c>, <c>ORC_KEY</c> (the same for every attempt of the task) and <c>ORC_WORK</c> (a folder of the attempt's own, gone
/// afterwards) tell the rest.
/// </summary>
/// <remarks>
/// Nobody can know what a program reads, so its result is reused only when the author says what it depends on: with <see cref="Sources"/> (an empty list says
/// "on its inputs alone"). Without, each run has a fingerprint of its own and the command always runs.
/// Values of other tasks belong into <see cref="Inputs"/> or <see cref="Environment"/>: put into the text of a shell script they would be read as part of the script.
/// </remarks>
[Activity("exec.command", Title = "Run a program", Summary = "Runs a program or a shell script, with inputs and outputs as JSON files.", Kind = ActivityKind.Action, Lane = Lane.Command)]
public sealed class RunCommand : Activity
{
    private const int MaxDetailLines = 20;
    private const int MaxDetailCharacters = 8 * 1024;

    [Input(Help = "A list is a program with its arguments, passed on exactly. A text is a script for the shell, which stops at the first command that fails.", Hint = "code")]
    public required Input<CommandLine> Command { get; set; }

    [Input(Help = "The shell for a command that is a text.", Choices = ["sh", "bash", "pwsh", "cmd"])]
    public Input<string> Shell { get; set; } = "sh";

    [Input(Help = "Where the program runs, relative to the folder of the pipeline's file, which is the default.", Hint = "path")]
    public Input<string>? WorkingFolder { get; set; }

    [Input(Help = "Variables that the program gets beside those of orc itself. Takes secrets: ${secrets.NAME}.")]
    public Input<IReadOnlyDictionary<string, SecretText>>? Environment { get; set; }

    [Input(Help = "Secrets that the program reads from files: by the variable that names the file. Only the attempt can read them, and they go with it.")]
    public Input<IReadOnlyDictionary<string, SecretText>>? SecretFiles { get; set; }

    [Input(Help = "Any JSON; the program reads it from the file that ORC_INPUTS names.", Hint = "json")]
    public Input<JsonElement>? Inputs { get; set; }

    [Input(Help = "Names that the program must give in the JSON object it writes to the file that ORC_OUTPUTS names.")]
    public InputList<string>? Outputs { get; set; }

    [Input(Help = "Exit codes that count as success.")]
    public InputList<int> ExitCodes { get; set; } = [0];

    [Input(Help = "Exit codes after which another attempt may help. Without it that is every code that is no success.")]
    public InputList<int>? RetryCodes { get; set; }

    [Input(Help = "Exit codes by which the program says that there was nothing to do: the task ends as skipped, with the last line that it printed as the reason.")]
    public InputList<int>? SkipCodes { get; set; }

    [Input(Help = "How much of the end of standard output is kept in the output stdout. The log has all of it.", Unit = "characters", Minimum = 0, Maximum = 65536)]
    public Input<int> OutputLimit { get; set; } = 8192;

    [Input(Help = "Files, folders and patterns whose bytes decide, with the inputs, whether an earlier result is reused. Without it the command always runs.", Hint = "path")]
    public InputList<string>? Sources { get; set; }

    [Output(Help = "How the program ended.")]
    public Output<int> ExitCode { get; } = new();

    [Output(Help = "The JSON that the program wrote; nothing when it wrote none.")]
    public Output<JsonElement?> Result { get; } = new();

    [Output(Help = "The end of what it printed on standard output.")]
    public Output<string> Stdout { get; } = new();

    /// <inheritdoc/>
    protected override async Task<string?> FingerprintAsync(FingerprintContext context)
    {
        if (Sources is not { Value: { } sources } || Command.Value.Check().Any())
        {
            return Fingerprints.Unknown();
        }

        var folder = WorkingFolder is { Value: { } given } ? Path.GetFullPath(given, context.BaseDirectory) : context.BaseDirectory;
        // What the author sets is among the inputs; here it only decides which program is found.
        var path = Environment?.Value.GetValueOrDefault("PATH") is { HasSecrets: false } own ? own.ToString() : System.Environment.GetEnvironmentVariable("PATH") ?? "";
        return await CommandSources.ProgramAsync(Words(), folder, path, context) is { } program
            ? Fingerprints.Of([.. program, .. await CommandSources.PartsAsync(sources, context)])
            : Fingerprints.Unknown();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var rules = new ExitRules(ExitCodes.Value, RetryCodes?.Value, SkipCodes?.Value ?? []).Check();
        var stdout = new PrintedText(OutputLimit.Value);
        var printed = new PrintedText(MaxDetailCharacters);
        var files = await ProgramFiles.WriteAsync(context, Inputs?.Value);
        var request = Request(context, files) with
        {
            OnOutput = line =>
            {
                context.Log(line);
                stdout.Add(line);
                printed.Add(line);
            },
            OnError = line =>
            {
                // Most programs use standard error for progress, so a line there is no warning yet.
                context.Log(line);
                printed.Add(line);
            },
        };
        context.Log(LogSeverity.Debug, $"running {Command.Value} in {request.WorkingDirectory}");
        var exit = await context.Port<IProgramRunner>().RunAsync(request, context.Cancellation);
        rules.Judge(Name, exit, printed.Last(MaxDetailLines));
        context.Set(ExitCode, exit.Code);
        context.Set(Stdout, stdout.ToString());
        if (await ProgramFiles.ReadOutputsAsync(context, Name, Outputs?.Value ?? []) is { } result)
        {
            context.Set(Result, result);
        }
    }

    /// <summary>The program in messages: its name as the author wrote it, or the shell.</summary>
    private string Name => Command.Value is { Words: [var program, ..] } ? program : $"the {Shell.Value} script";

    private ProgramRequest Request(ActivityContext context, ProgramFiles files)
    {
        var own = OwnVariables(context);
        var words = Words();
        var folder = WorkingFolder is { Value: { } given } ? context.ResolvePath(given) : context.BaseDirectory;
        if (!Directory.Exists(folder))
        {
            throw CommandErrors.FolderMissing(folder);
        }

        var path = own.GetValueOrDefault("PATH") ?? System.Environment.GetEnvironmentVariable("PATH") ?? "";
        return new ProgramRequest
        {
            FileName = ProgramLookup.Find(words[0], context.BaseDirectory, path),
            Arguments = [.. words.Skip(1)],
            WorkingDirectory = folder,
            Environment = Variables(context, files, own),
            OnOutput = context.Log,
            OnError = context.Log,
        };
    }

    /// <summary>The author's variables, with secrets in them from here on.</summary>
    private Dictionary<string, string> OwnVariables(ActivityContext context)
    {
        var variables = (Environment?.Value ?? new Dictionary<string, SecretText>()).ToDictionary(pair => pair.Key, pair => context.Reveal(pair.Value), StringComparer.Ordinal);
        foreach (var (variable, text) in SecretFiles?.Value ?? new Dictionary<string, SecretText>())
        {
            if (!variables.TryAdd(variable, SecretFile.Write(context, variable, context.Reveal(text))))
            {
                throw CommandErrors.VariableTwice(variable);
            }
        }

        return variables;
    }

    private static Dictionary<string, string?> Variables(ActivityContext context, ProgramFiles files, IReadOnlyDictionary<string, string> own)
    {
        var variables = own.ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.Ordinal);
        foreach (var (name, value) in files.Variables(context))
        {
            variables[name] = value;
        }

        return variables;
    }

    private IReadOnlyList<string> Words()
    {
        if (Command.Value.Check().Any())
        {
            throw CommandErrors.EmptyCommand();
        }

        // A script stops at the first command that fails, as everybody expects of a step and no shell does by itself.
        return Command.Value.Script is not { } script ? Command.Value.Words : Shell.Value switch
        {
            "bash" => ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            "pwsh" => ["pwsh", "-NoProfile", "-NonInteractive", "-Command", $"$ErrorActionPreference = 'Stop'; {script}"],
            "cmd" => ["cmd", "/d", "/s", "/c", script],
            _ => ["sh", "-ec", script],
        };
    }
}
