using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Activities.Commands;

/// <summary>What <c>exec.command</c> fails with, ORC560x.</summary>
internal static class CommandErrors
{
    public static ActivityException Failed(string program, ProgramExit exit, IReadOnlyList<int> successes, IReadOnlyList<int>? retried, IReadOnlyList<string> lastLines) => new(new Failure
    {
        Code = "ORC5601",
        Kind = FailureKind.Work,
        Message = $"{program} ended with {exit}",
        Why = successes is [0] ? "a program tells failure by an exit code other than 0" : $"the task takes only {string.Join(", ", successes)} as success",
        Help = exit switch
        {
            { Code: 127 } => "127 is a shell's way to say that it did not find a program; the last lines name it.",
            { Code: 126 } => "126 is a shell's way to say that a file may not be executed (chmod +x FILE).",
            { Code: 137 } => "SIGKILL often comes from the system when memory runs out.",
            _ => "The attempt's log has all it printed. If this code is a success, add it to exitCodes.",
        },
        Retryable = retried?.Contains(exit.Code) ?? true,
        Details = lastLines,
    });

    /// <summary>No failure: the task ends as skipped. The last line that the program printed is its reason.</summary>
    public static ActivityException NothingToDo(string program, ProgramExit exit, IReadOnlyList<string> lastLines) => new(new Failure
    {
        Code = "ORC5630",
        Kind = FailureKind.Work,
        Message = $"{program} ended with {exit}, which skips the task{(lastLines is [.., { Length: > 0 } last] ? $": {(last.Length <= 200 ? last : $"{last[..197]}...")}" : "")}",
        Skips = true,
    });

    public static ActivityException CodeTwice(int code, IReadOnlyList<string> lists) => new(
        "ORC5619",
        $"exit code {code} stands in {string.Join(" and in ", lists)}",
        why: "a code means one thing: success, another attempt, or nothing to do",
        help: lists.Contains("exitCodes") && code == 0 ? "0 is a success unless exitCodes says otherwise: write exitCodes without it." : "Keep it in one of them.");

    public static ActivityException ProgramNotFound(string program, IEnumerable<string> known) => new(
        "ORC5602",
        $"there is no program \"{program}\" on this machine",
        why: "it was looked for in the folders of PATH",
        help: NearNames.Question(program, known) ?? "Install it, write its path, or set PATH in environment.");

    public static ActivityException ProgramFileMissing(string program, string path, IEnumerable<string> near) => new(
        "ORC5602",
        $"there is no program {path}",
        why: "a program written with a folder is relative to the folder of the pipeline's file",
        help: NearNames.Question(Path.GetFileName(program), near) ?? "Check the path.");

    public static ActivityException NotExecutable(string path) => new(
        "ORC5603",
        $"{path} may not be executed",
        help: $"Run chmod +x {path}, or start it through its interpreter: [\"python3\", \"{Path.GetFileName(path)}\"].");

    public static ActivityException FolderMissing(string folder) => new(
        "ORC5604",
        $"the working folder {folder} does not exist",
        help: "Make it in an earlier task, or correct workingFolder; a relative one starts at the folder of the pipeline's file.");

    public static ActivityException SourceMissing(string source, string path) => new(
        "ORC5605",
        $"source \"{source}\" matches no file ({path})",
        why: "the hashes of its sources decide whether an earlier result may stand in for the command",
        help: "Name files, folders or patterns such as scripts/*.py, relative to the folder of the pipeline's file.");

    public static ActivityException OutputsNotJson(string program, string reason) => new(
        "ORC5606",
        $"what {program} wrote to the file of ORC_OUTPUTS is not JSON: {reason}",
        help: "Write one JSON value, such as {\"auc\": 0.91}, and nothing else.");

    public static ActivityException OutputsTooLarge(string program, long bytes, long limit) => new(
        "ORC5607",
        $"{program} wrote {bytes:N0} bytes to the file of ORC_OUTPUTS; {limit:N0} are allowed",
        why: "outputs are small values that are kept in the database",
        help: "Write large results to a file of their own and give its path as the output, or raise limits.output of the task.");

    public static ActivityException OutputMissing(string program, string output, IReadOnlyList<string> given) => new(
        "ORC5608",
        $"{program} gave no output \"{output}\"",
        why: "the task names it in outputs, so later tasks may rely on it",
        help: NearNames.Question(output, given) ?? (given.Count == 0
            ? "Write {\"NAME\": VALUE} to the file whose path is in ORC_OUTPUTS."
            : $"It gave {string.Join(", ", given)}."));

    public static ActivityException VariableTwice(string variable) => new(
        "ORC5617",
        $"variable {variable} stands in both environment and secretFiles",
        why: "one would hide the other",
        help: "Keep it in one of them.");

    public static ActivityException BadVariable(string variable) => new(
        "ORC5618",
        $"\"{variable}\" in secretFiles is not the name of a variable",
        why: "the file is found by the variable of that name",
        help: "Use letters, digits and underscores, no digit first.");

    public static ActivityException EmptyCommand() => new(
        "ORC5609",
        "the command is empty",
        help: "Write a list, [\"python\", \"train.py\"], or a text for the shell.");
}
