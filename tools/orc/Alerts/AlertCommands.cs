using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Notifications;
using Orchestrator.Notifications.Desk;
using Orchestrator.Server.Access;
using Orchestrator.Storage.Alerts;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Cli.Alerts;

/// <summary><c>orc alerts</c>: what monitors, pipelines and people have raised.</summary>
internal static class AlertCommands
{
    private const int Most = 1000;

    public static Command Create(CommandFrame frame)
    {
        var command = new Command("alerts", "What was raised because it wants attention") { CreateList(frame), CreateShow(frame), CreateRaise(frame), CreateAcknowledge(frame), CreateClose(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, new AlertFilter { Limit = Most }, cancellation)));
        return command;
    }

    private static Command CreateList(CommandFrame frame)
    {
        var all = new Option<bool>("--all") { Description = "Closed ones too" };
        var name = new Option<string?>("--name") { Description = "Only those of this name", HelpName = "NAME" };
        var command = new Command("list", "Lists alerts that are not closed, newest first") { all, name };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, new AlertFilter { All = parsed.GetValue(all), Name = parsed.GetValue(name), Limit = Most }, cancellation)));
        return command;
    }

    private static Command CreateShow(CommandFrame frame)
    {
        var alert = AlertArgument();
        var command = new Command("show", "Shows one alert") { alert };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            return Show(globals, await DeskOf(globals, session).FindAsync(parsed.GetRequiredValue(alert), null, cancellation));
        }));
        return command;
    }

    private static Command CreateRaise(CommandFrame frame)
    {
        var name = new Argument<string>("NAME") { Description = "What has been found; triggers wait for it by this name" };
        var reason = new Option<string>("--reason") { Description = "Why, in a sentence for people", HelpName = "TEXT", Required = true };
        var subject = new Option<string>("--subject") { Description = "What it is about: a model, a feature, an endpoint", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var severity = new Option<string>("--severity") { Description = "info, warning or critical", HelpName = "WORD", DefaultValueFactory = _ => "warning" };
        var project = new Option<string>("--project") { Description = "The project whose people it concerns", HelpName = "NAME", DefaultValueFactory = _ => NewAlert.DefaultProject };
        var command = new Command("raise", "Raises an alert; while the same is open it is counted, and news only when it is worse") { name, reason, subject, severity, project };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var wish = new NewAlert
            {
                Name = parsed.GetRequiredValue(name),
                Subject = parsed.GetValue(subject) ?? "",
                Severity = AlertSeverities.Parse(parsed.GetValue(severity) ?? ""),
                Reason = parsed.GetRequiredValue(reason),
                Project = parsed.GetValue(project) ?? NewAlert.DefaultProject,
                By = Environment.UserName,
            };
            // Before a home is made for it: a wrong wish leaves nothing.
            if (wish.Problem is { } problem)
            {
                throw NotificationErrors.BadAlert(problem);
            }

            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var raised = await DeskOf(globals, session).RaiseAsync(wish, Entry(globals, "alert.raise", null) with { Project = wish.Project }, cancellation);
            return globals.Json ? Show(globals, raised.Alert) : Tell(globals, raised.Alert.Times == 1
                ? $"alert {raised.Alert.Id} is raised"
                : $"alert {raised.Alert.Id} was open already; raised {raised.Alert.Times} times{(raised.IsNews ? $", and now {raised.Alert.Severity}" : "")}");
        }));
        return command;
    }

    private static Command CreateAcknowledge(CommandFrame frame) => CreateChange(
        frame, "acknowledge", "Says that you look at an alert", "is yours", (desk, alert, comment, audit, cancellation) => desk.AcknowledgeAsync(alert, Environment.UserName, comment, audit, cancellation));

    private static Command CreateClose(CommandFrame frame) => CreateChange(
        frame, "close", "Says that an alert is over; raised again, it is a new one", "is closed", (desk, alert, comment, audit, cancellation) => desk.CloseAsync(alert, Environment.UserName, comment, audit, cancellation));

    private static Command CreateChange(
        CommandFrame frame, string verb, string description, string done, Func<AlertDesk, AlertInfo, string?, AuditEntry, CancellationToken, Task<AlertInfo>> change)
    {
        var alert = AlertArgument();
        var comment = new Option<string?>("--comment") { Description = "What there is to say about it; it stays with the alert", HelpName = "TEXT" };
        var command = new Command(verb, description) { alert, comment };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var desk = DeskOf(globals, session);
            var found = await desk.FindAsync(parsed.GetRequiredValue(alert), null, cancellation);
            var changed = await change(desk, found, parsed.GetValue(comment), Entry(globals, $"alert.{verb}", found), cancellation);
            return globals.Json ? Show(globals, changed) : Tell(globals, $"alert {changed.Id} {done}");
        }));
        return command;
    }

    private static async Task<int> ListAsync(Globals globals, AlertFilter filter, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var alerts = await session.Stores.Alerts.ListAsync(filter, cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, alerts);
        }

        if (alerts.Count == 0)
        {
            return Tell(globals, filter.All ? "nothing was ever raised" : "nothing is open; orc alerts list --all shows what was closed");
        }

        Print.Table(globals, ["ALERT", "NAME", "SUBJECT", "SEVERITY", "STATUS", "TIMES", "LAST", "REASON"], alerts.Select(one => new[]
        {
            one.Id, one.Name, one.Subject, one.Severity, one.Status, one.Times.ToString(CultureInfo.InvariantCulture), Words.Ago(one.LastAt, globals.Time.GetUtcNow()), one.Reason.ReplaceLineEndings(" "),
        }));
        return ExitCodes.Done;
    }

    private static int Show(Globals globals, AlertInfo alert)
    {
        if (globals.Json)
        {
            return Print.Json(globals, alert);
        }

        Print.Pairs(
            globals,
            ("alert", alert.Id),
            ("name", alert.Name),
            ("subject", alert.Subject),
            ("severity", alert.Severity),
            ("status", alert.Status),
            ("reason", alert.Reason),
            ("details", alert.Details?.GetRawText()),
            ("run", alert.RunId?.Value),
            ("project", alert.Project),
            ("raised", $"{Instant(alert.RaisedAt)} by {alert.RaisedBy}{(alert.Times > 1 ? string.Create(CultureInfo.InvariantCulture, $", {alert.Times} times until {Instant(alert.LastAt)}") : "")}"),
            ("acknowledged", alert.AcknowledgedAt is { } acknowledged ? $"{Instant(acknowledged)} by {alert.AcknowledgedBy}" : null),
            ("closed", alert.ClosedAt is { } closed ? $"{Instant(closed)} by {alert.ClosedBy}" : null),
            ("comment", alert.Comment));
        return ExitCodes.Done;
    }

    private static int Tell(Globals globals, string words)
    {
        globals.Console.Out.WriteLine(words);
        return ExitCodes.Done;
    }

    private static Argument<string> AlertArgument() => new("ALERT") { Description = "Its id; the first characters are enough when they are unique" };

    private static AlertDesk DeskOf(Globals globals, OrcSession session) => new(session.Stores.Alerts, globals.Time);

    private static AuditEntry Entry(Globals globals, string action, AlertInfo? alert) => new()
    {
        At = globals.Time.GetUtcNow(), Actor = Environment.UserName, Via = CallerKinds.Local, Action = action, Target = alert is null ? null : $"alert {alert.Id}", Project = alert?.Project,
    };

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
