using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Values;
using Orchestrator.Notifications;
using Orchestrator.Notifications.Desk;
using Orchestrator.Storage.Notifications;

namespace Orchestrator.Cli.Notifications;

/// <summary><c>orc notifications</c>: what people were told, and by which channels.</summary>
internal static class NotificationCommands
{
    public static Command Create(CommandFrame frame) => new("notifications", "What people are told, and what became of it") { CreateList(frame), CreateShow(frame), CreateChannels(frame), CreateTest(frame) };

    private static Command CreateList(CommandFrame frame)
    {
        var channel = new Option<string?>("--channel") { Description = "Only those to this channel", HelpName = "NAME" };
        var status = new Option<string?>("--status") { Description = "gathering, waiting, sent or failed", HelpName = "WORD" };
        var limit = new Option<int>("--limit") { Description = "How many to show (1..1000)", DefaultValueFactory = _ => 20 };
        var command = new Command("list", "Lists messages to people, newest first") { channel, status, limit };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var most = parsed.GetValue(limit);
            if (most is < 1 or > 1000)
            {
                throw new WrongRequestException("ORC6315", $"--limit is {most} and should be between 1 and 1000");
            }

            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var rows = await new NotificationDesk(session.Stores.Notifications).ListAsync(parsed.GetValue(channel), parsed.GetValue(status), null, most, cancellation);
            return globals.Json ? Print.Json(globals, rows) : PrintList(globals, rows);
        }));
        return command;
    }

    private static Command CreateShow(CommandFrame frame)
    {
        var notification = new Argument<string>("NOTIFICATION") { Description = "Its id; the first characters are enough when they are unique" };
        var command = new Command("show", "Shows one message: what it tells, when it is sent, why it was not taken") { notification };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var found = await new NotificationDesk(session.Stores.Notifications).FindAsync(parsed.GetRequiredValue(notification), cancellation);
            var tells = (await session.Stores.Notifications.ListNoticesAsync(found.Id, NotificationStore.MostNotices, cancellation)).Select(one => OrcJson.FromElement<Notice>(one.Payload)).ToArray();
            if (globals.Json)
            {
                return Print.Json(globals, new { found.Id, found.Channel, found.Event, found.Urgent, found.Status, found.CreatedAt, found.DueAt, found.Attempts, found.Error, found.EndedAt, tells });
            }

            Print.Pairs(
                globals,
                ("notification", found.Id),
                ("channel", found.Channel),
                ("event", found.Event),
                ("status", found.Status),
                ("due", found.EndedAt is null ? Instant(found.DueAt) : null),
                ("ended", found.EndedAt is { } ended ? Instant(ended) : null),
                ("attempts", found.Attempts.ToString(CultureInfo.InvariantCulture)),
                ("last error", found.Error));
            globals.Console.Out.WriteLine();
            foreach (var notice in tells)
            {
                globals.Console.Out.WriteLine($"{Instant(notice.At)}  {notice.Title}");
                foreach (var line in (notice.Text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Append(notice.Command).OfType<string>())
                {
                    globals.Console.Out.WriteLine($"  {line}");
                }
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateChannels(CommandFrame frame)
    {
        var command = new Command("channels", "Lists the channels of this home, without what is secret of them");
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var channels = session.Channels.Settings.Channels.Values.OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => new { one.Name, kind = one.Kind.ToString().ToLowerInvariant(), one.Where }).ToArray();
            if (globals.Json)
            {
                return Print.Json(globals, channels);
            }

            if (channels.Length == 0)
            {
                globals.Console.Out.WriteLine("no channel is set up: write \"notifications\" into settings.json of the home");
                return ExitCodes.Done;
            }

            Print.Table(globals, ["CHANNEL", "KIND", "WHERE"], channels.Select(one => new[] { one.Name, one.kind, one.Where }));
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateTest(CommandFrame frame)
    {
        var channel = new Argument<string>("CHANNEL") { Description = "Its name, as the settings have it" };
        var command = new Command("test", "Sends one message to a channel now, whatever its quiet hours are") { channel };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var sent = await session.Channels.TestAsync(parsed.GetRequiredValue(channel), Environment.UserName, new LineLog(globals.Console.Error), cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, new { sent.Id, sent.Channel, sentAt = sent.At });
            }

            globals.Console.Out.WriteLine($"channel {sent.Channel} has taken the message {sent.Id}");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static int PrintList(Globals globals, IReadOnlyList<NotificationInfo> rows)
    {
        if (rows.Count == 0)
        {
            globals.Console.Out.WriteLine("no messages; orc notifications channels shows to whom they would go, and orc serve sends them");
            return ExitCodes.Done;
        }

        Print.Table(globals, ["NOTIFICATION", "CHANNEL", "EVENT", "TELLS", "STATUS", "WHEN", "ATTEMPTS", "LAST ERROR"], rows.Select(one => new[]
        {
            one.Id, one.Channel, one.Event, one.Notices.ToString(CultureInfo.InvariantCulture), one.Status, Instant(one.EndedAt ?? one.DueAt), one.Attempts.ToString(CultureInfo.InvariantCulture), one.Error ?? "",
        }));
        return ExitCodes.Done;
    }

    private static string Instant(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Where a log is tried without a server: on standard error.</summary>
    private sealed class LineLog(TextWriter writer) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => writer.WriteLine(formatter(state, exception).TrimEnd());
    }
}
