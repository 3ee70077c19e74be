using System.CommandLine;
using System.Text.Json;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Cli.Runs;

/// <summary><c>orc approve RUN TASK</c>: answers what a task asks. Works whether or not a process works on the run.</summary>
internal static class ApproveCommand
{
    public static Command Create(CommandFrame frame)
    {
        var run = RunArgument.Create();
        var task = new Argument<string>("TASK") { Description = "The task that asks; orc why RUN lists them" };
        var reject = new Option<bool>("--reject") { Description = "Say no" };
        var answer = new Option<string?>("--answer") { Description = "What the form asks for, as JSON", HelpName = "JSON" };
        var comment = new Option<string?>("--comment") { Description = "What else there is to say; kept with the run", HelpName = "TEXT" };
        var by = new Option<string?>("--by") { Description = "Who answers (default: the user of this system; of a server the owner of the API key, and no other)", HelpName = "NAME" };
        var command = new Command("approve", "Answers what a task of a run asks: yes, or no with --reject") { run, task, reject, answer, comment, by };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var place = await RunPlace.OpenAsync(globals, cancellation);
            var info = await RunArgument.ResolveAsync(place.Runs, parsed.GetValue(run), cancellation);
            var asked = new AnswerRequest
            {
                Task = new TaskName(parsed.GetValue(task) ?? ""),
                Approved = !parsed.GetValue(reject),
                Answer = parsed.GetValue(answer) is { } json ? JsonOption.Parse("--answer", json) : null,
                Comment = parsed.GetValue(comment),
            };
            var (fate, who) = await place.Requests.AnswerAsync(info, asked, parsed.GetValue(by), cancellation);
            return OwnerRequest.Tell(globals, info, fate, $"task {asked.Task} is {(asked.Approved ? "approved" : "rejected")} by {who}");
        }));
        return command;
    }
}

/// <summary>Values that people write as JSON on the command line.</summary>
internal static class JsonOption
{
    public static JsonElement Parse(string option, string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException wrong)
        {
            throw new WrongRequestException("ORC5952", $"{option} is not JSON: {wrong.Message}", help: $"For example: {option} '{{\"limit\": 5}}' (a text needs its quotes: '\"eu\"').");
        }
    }
}
