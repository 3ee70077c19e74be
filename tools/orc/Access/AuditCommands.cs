using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Cli.Access;

/// <summary><c>orc audit</c>: who changed what, and whether the log of it is as it was written.</summary>
internal static class AuditCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("audit", "Who changed what on the server") { CreateList(frame), CreateVerify(frame) };
        return command;
    }

    private static Command CreateList(CommandFrame frame)
    {
        var actor = new Option<string?>("--actor") { Description = "Only what this one did", HelpName = "NAME" };
        var action = new Option<string?>("--action") { Description = "Only this: pipeline.register, run.cancel, key.create, …", HelpName = "ACTION" };
        var target = new Option<string?>("--target") { Description = "Only what was done to this: \"pipeline churn\", \"run 01M8…\"", HelpName = "TARGET" };
        var limit = new Option<int>("--limit") { Description = "How many to show (1..1000)", DefaultValueFactory = _ => 50 };
        var command = new Command("list", "Lists the audit log, newest first") { actor, action, target, limit };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var most = parsed.GetValue(limit);
            if (most is < 1 or > 1000)
            {
                throw new WrongRequestException("ORC6081", $"--limit is {most} and should be between 1 and 1000");
            }

            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var rows = await new AuditLog(session.Database).ListAsync(
                new AuditFilter { Actor = parsed.GetValue(actor), Action = parsed.GetValue(action), Target = parsed.GetValue(target), Limit = most }, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, rows);
            }

            Print.Table(globals, ["ROW", "WHEN", "WHO", "VIA", "WHAT", "TO", "DETAILS"], rows.Select(row => new[]
            {
                $"{row.Seq}", $"{row.At:yyyy-MM-dd HH:mm:ss}Z", row.Actor, row.Via, row.Action, row.Target ?? "", row.Details?.GetRawText() ?? "",
            }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateVerify(CommandFrame frame)
    {
        var expect = new Option<string?>("--expect") { Description = "A head that was noted earlier; found in the log, nothing before it was rewritten since", HelpName = "HASH" };
        var command = new Command("verify", "Looks whether any row of the audit log was edited, removed, added or moved") { expect };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var verdict = await new AuditLog(session.Database).VerifyAsync(parsed.GetValue(expect), cancellation);
            var sound = verdict.Problem is null;
            if (globals.Json)
            {
                Print.Json(globals, new { sound, rows = verdict.Sound, head = verdict.Head, problem = verdict.Problem });
            }
            else if (sound)
            {
                globals.Console.Out.WriteLine($"the audit log is as it was written: {verdict.Sound} rows, head {verdict.Head}");
            }
            else
            {
                globals.Console.Error.WriteLine($"error ORC6080: {verdict.Problem}\n   = note: the first {verdict.Sound} rows are as they were written\n   = help: compare with a backup; `orc audit list` shows what is there now");
            }

            return sound ? ExitCodes.Done : ExitCodes.Failed;
        }));
        return command;
    }
}
