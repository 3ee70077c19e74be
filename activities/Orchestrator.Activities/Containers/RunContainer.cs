using System.Globalization;
using System.Text.Json;
using Orchestrator.Activities.Commands;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;

namespace Orchestrator.Activities.Containers;

/// <summary>
/// Runs a program in a container, with podman or docker, whichever the machine has. The attempt's own folder is <c>/orc</c> in it; inputs, outputs and the variables
/// <c>ORC_…</c> are those of <c>exec.command</c>. The container ends with its attempt; one that a killed engine has left is removed when the next one starts.
/// </summary>
[Activity("exec.container", Title = "Run a container", Summary = "Runs a program in a container of podman or docker, with inputs and outputs as JSON files.", Kind = ActivityKind.Action, Lane = Lane.Command)]
public sealed class RunContainer : Activity
{
    private const string Folder = "/orc";
    private const int MaxDetailLines = 20, MaxDetailCharacters = 8 * 1024;

    // podman and docker say so when it was they who failed; 126 and 127 are the program's start.
    private const int EngineFailed = 125, NotExecutable = 126, NotFound = 127;

    [Input(Help = "The image, with its tag or digest: docker.io/library/python:3.13-slim.")]
    public required Input<string> Image { get; set; }

    [Input(Help = "A list is a program of the image with its arguments; a text is a script for the image's /bin/sh. Without it the image's own command runs.", Hint = "code")]
    public Input<CommandLine>? Command { get; set; }

    [Input(Help = "Variables of the program. Takes secrets: ${secrets.NAME}.")]
    public Input<IReadOnlyDictionary<string, SecretText>>? Environment { get; set; }

    [Input(Help = "Secrets that the program reads from files: by the variable that names the file.")]
    public Input<IReadOnlyDictionary<string, SecretText>>? SecretFiles { get; set; }

    [Input(Help = "Files and folders of this machine that the container sees; read-only unless they say \"write\".")]
    public InputList<ContainerMount>? Mounts { get; set; }

    [Input(Help = "The folder in the container where the program runs. Without it: as the image says.")]
    public Input<string>? WorkingFolder { get; set; }

    [Input(Help = "The most memory, swap included: 2GiB.")]
    public Input<string>? Memory { get; set; }

    [Input(Help = "The most processors, 1.5 for one and a half.", Minimum = 0.01, Maximum = 1024)]
    public Input<double>? Cpus { get; set; }

    [Input(Help = "What the container reaches: nothing, what the engine gives by default, or all that this machine does.", Choices = ["none", "default", "host"])]
    public Input<string> Network { get; set; } = "default";

    [Input(Help = "When the image is pulled.", Choices = ["missing", "always", "never"])]
    public Input<string> Pull { get; set; } = "missing";

    [Input(Help = "Which program runs containers.", Choices = ["auto", "podman", "docker"])]
    public Input<string> Engine { get; set; } = "auto";

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

    [Input(Help = "How much of the end of standard output is kept in the output stdout.", Unit = "characters", Minimum = 0, Maximum = 65536)]
    public Input<int> OutputLimit { get; set; } = 8192;

    [Input(Help = "Files, folders and patterns whose bytes decide, with the inputs, whether an earlier result is reused. Without it the container always runs.", Hint = "path")]
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
        // A tag means another image tomorrow. When nobody can say which one it means now, an earlier result must not stand in.
        if (Sources is not { Value: { } sources } || await ImageDigest.FindAsync(Image.Value, Pull.Value, EngineOrNull(context.BaseDirectory), context) is not { } digest)
        {
            return Fingerprints.Unknown();
        }

        return Fingerprints.Of([KeyValuePair.Create("image", digest), .. await CommandSources.PartsAsync(sources, context)]);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(ActivityContext context)
    {
        var rules = new ExitRules(ExitCodes.Value, RetryCodes?.Value, SkipCodes?.Value ?? []).Check();
        var engine = FindEngine(context);
        var stdout = new PrintedText(OutputLimit.Value);
        var printed = new PrintedText(MaxDetailCharacters);
        var files = await ProgramFiles.WriteAsync(context, Inputs?.Value, Folder);
        var exit = await context.Port<IProgramRunner>().RunAsync(
            Request(context, engine, files) with
            {
                OnOutput = line =>
                {
                    context.Log(line);
                    stdout.Add(line);
                    printed.Add(line);
                },
                OnError = line =>
                {
                    context.Log(line);
                    printed.Add(line);
                },
            },
            context.Cancellation);
        CheckExit(rules, engine, exit, printed.Last(MaxDetailLines));
        context.Set(ExitCode, exit.Code);
        context.Set(Stdout, stdout.ToString());
        if (await ProgramFiles.ReadOutputsAsync(context, Name, Outputs?.Value ?? []) is { } result)
        {
            context.Set(Result, result);
        }
    }

    private string Name => Command?.Value is { Words: [var program, ..] } ? program : $"the container of {Image.Value}";

    private void CheckExit(ExitRules rules, string engine, ProgramExit exit, IReadOnlyList<string> lastLines)
    {
        var isKnown = ExitCodes.Value.Contains(exit.Code) || rules.Skip.Contains(exit.Code);
        switch (exit.Code)
        {
            case EngineFailed when !isKnown:
                throw ContainerErrors.EngineFailed(Path.GetFileName(engine), Image.Value, exit, lastLines);
            case NotFound or NotExecutable when !isKnown && Command?.Value is { Script: null }:
                throw ContainerErrors.NothingToRun(Image.Value, exit, lastLines);
            default:
                rules.Judge(Name, exit, lastLines);
                break;
        }
    }

    private string[] EngineNames => Engine.Value == "auto" ? ContainerEngines.Names : [Engine.Value];

    private string FindEngine(ActivityContext context) => EngineOrNull(context.BaseDirectory) ?? throw ContainerErrors.NoEngine(EngineNames);

    private string? EngineOrNull(string baseDirectory) => ContainerEngines.Find(EngineNames, baseDirectory);

    private ProgramRequest Request(ActivityContext context, string engine, ProgramFiles files)
    {
        var name = $"orc-{context.Attempt.Id.Value.ToLowerInvariant()}";
        var client = new Dictionary<string, string?>(StringComparer.Ordinal);
        List<string> arguments =
        [
            "run", "--rm", "--name", name, "--label", $"orc.run={context.Attempt.Run}", "--label", $"orc.task={context.Attempt.Task}",
            "--pull", Pull.Value, "--volume", $"{context.WorkingDirectory}:{Folder}:rw",
            .. Network.Value == "default" ? Array.Empty<string>() : ["--network", Network.Value],
            .. Limits(),
            .. WorkingFolder is { Value: { } folder } ? ["--workdir", folder] : Array.Empty<string>(),
            .. MountArguments(context),
            .. VariableArguments(context, files, client),
            Image.Value,
            .. Words(),
        ];
        context.Log(LogSeverity.Debug, $"running {Image.Value} with {engine}");
        return new ProgramRequest
        {
            FileName = engine,
            Arguments = arguments,
            WorkingDirectory = context.BaseDirectory,
            Environment = client,
            Undo = new ProgramUndo(engine, ["rm", "--force", "--volumes", name]),
            OnOutput = context.Log,
            OnError = context.Log,
        };
    }

    private IEnumerable<string> Words() => Command?.Value switch
    {
        null => [],
        { Script: { } script } => ["/bin/sh", "-ec", script],
        { Words: var words } => words,
    };

    private IEnumerable<string> Limits()
    {
        if (Memory is { Value: { } text })
        {
            var bytes = Sizes.TryParse(text, out var read) ? read.ToString(CultureInfo.InvariantCulture) : throw ContainerErrors.BadMemory(text);

            // The same for both: no swap, so that the limit is one.
            yield return "--memory";
            yield return bytes;
            yield return "--memory-swap";
            yield return bytes;
        }

        if (Cpus is { Value: var cpus })
        {
            yield return "--cpus";
            yield return cpus.ToString(CultureInfo.InvariantCulture);
        }
    }

    private IEnumerable<string> MountArguments(ActivityContext context)
    {
        foreach (var mount in Mounts?.Value ?? [])
        {
            var path = context.ResolvePath(mount.From);
            if (!Path.Exists(path))
            {
                throw ContainerErrors.MountMissing(mount.From, path);
            }

            if (!mount.To.StartsWith('/') || mount.To.Contains(':', StringComparison.Ordinal) || mount.To.TrimEnd('/') is "" or Folder)
            {
                throw ContainerErrors.BadMount(mount.To);
            }

            yield return "--volume";
            yield return $"{path}:{mount.To}:{(mount.Write ? "rw" : "ro")}";
        }
    }

    /// <summary>
    /// Plain values stand in the arguments. Values with secrets do not, since everybody may read a process's arguments: these go into the client's environment, and the
    /// argument has the name alone.
    /// </summary>
    private IEnumerable<string> VariableArguments(ActivityContext context, ProgramFiles files, Dictionary<string, string?> client)
    {
        var own = Environment?.Value ?? new Dictionary<string, SecretText>();
        foreach (var (name, text) in own)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
            {
                throw ContainerErrors.BadVariable(name);
            }

            if (text.HasSecrets)
            {
                client[name] = context.Reveal(text);
            }

            yield return "--env";
            yield return text.HasSecrets ? name : $"{name}={text}";
        }

        foreach (var (name, text) in SecretFiles?.Value ?? new Dictionary<string, SecretText>())
        {
            if (own.ContainsKey(name))
            {
                throw CommandErrors.VariableTwice(name);
            }

            SecretFile.Write(context, name, context.Reveal(text));
            yield return "--env";
            yield return $"{name}={Folder}/{SecretFile.FolderName}/{name}";
        }

        foreach (var (name, value) in files.Variables(context).Where(variable => variable.Value is not null))
        {
            yield return "--env";
            yield return $"{name}={value}";
        }
    }
}
