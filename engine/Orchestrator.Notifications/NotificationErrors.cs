using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Notifications;

/// <summary>What is said about notifications and alerts, 63xx: 630x settings, 631x channels and messages, 633x alerts. None of it holds a secret.</summary>
public static class NotificationErrors
{
    internal static ActivityException BadSettings(IReadOnlyList<string> problems) => new(new Failure
    {
        Code = "ORC6300",
        Kind = FailureKind.Work,
        Message = $"what the settings say about notifications cannot be: {problems.Count} {(problems.Count == 1 ? "finding" : "findings")}",
        Why = "a message that reaches nobody is noticed when it is too late",
        Help = "Correct \"notifications\" in settings.json of the home; engine/Orchestrator.Notifications/README.md has every member.",
        Details = problems,
    });

    public static ActivityException NoSuchChannel(string name, IReadOnlyCollection<string> known) => new(
        "ORC6310",
        $"there is no channel \"{Words.Line(name, 80)}\"",
        help: NearNames.Question(name, known) ?? (known.Count > 0 ? $"The channels are {string.Join(", ", known)}." : "None is set up: write \"notifications\" into settings.json of the home."));

    public static ActivityException NoSuchNotification(string text) => new(
        "ORC6311", $"there is no notification \"{Words.Line(text, 80)}\"", help: "`orc notifications list` lists them; the first characters of an id are enough when they are unique.");

    public static ActivityException SeveralNotifications(string text, IEnumerable<string> known) => new(
        "ORC6312", $"\"{Words.Line(text, 80)}\" is the beginning of several notifications: {string.Join(", ", known.Take(4))}", help: "Give more characters.");

    /// <summary>Of a message that somebody tries; what is sent by itself is tried again instead.</summary>
    public static ActivityException NotSent(string channel, string reason, bool isSetting) => new(new Failure
    {
        Code = "ORC6313",
        Kind = isSetting ? FailureKind.Work : FailureKind.Infrastructure,
        Message = $"channel {channel} did not take the message: {reason}",
        Help = "Correct the channel in settings.json of the home, or what it leads to, and try again.",
    });

    public static ActivityException NoSuchStatus(string text, IReadOnlyCollection<string> known) => new(
        "ORC6314", $"there is no status \"{Words.Line(text, 40)}\"", help: NearNames.Question(text, known) ?? $"They are {string.Join(", ", known)}.");

    public static ActivityException NoSuchAlert(string text) => new(
        "ORC6330", $"there is no alert \"{Words.Line(text, 80)}\"", help: "`orc alerts list --all` lists them; the first characters of an id are enough when they are unique.");

    public static ActivityException SeveralAlerts(string text, IEnumerable<string> known) => new(
        "ORC6331", $"\"{Words.Line(text, 80)}\" is the beginning of several alerts: {string.Join(", ", known.Take(4))}", help: "Give more characters.");

    public static ActivityException BadAlert(string problem) => new("ORC6332", $"this alert cannot be raised: {problem}", why: "its name and subject are the key by which it is found again, and its reason is all that people know of it", help: "Like this: orc alerts raise drift --subject churn --severity warning --reason \"the age of customers has moved\"");

    public static ActivityException NotOpen(string id, string status) => new(
        "ORC6333",
        $"alert {id} is {status} already",
        why: status == "closed" ? "what is closed is over; raised again, it is a new alert" : "somebody has said already that they look at it",
        help: $"orc alerts show {id}");
}
