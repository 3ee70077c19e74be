using System.Globalization;

namespace Orchestrator.Notifications;

/// <summary>What one channel is sent.</summary>
public sealed record Message
{
    /// <summary>Longer lists are cut in what people read, and end with how many more there are.</summary>
    public const int ShownNotices = 20;

    /// <summary>The same however often it is sent: receivers know a repetition by it.</summary>
    public required string Id { get; init; }

    public required string Channel { get; init; }

    /// <summary>Of all its notices.</summary>
    public required string Event { get; init; }

    /// <summary>≥ 1, the oldest at first.</summary>
    public required IReadOnlyList<Notice> Notices { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>One line, without control characters.</summary>
    public string Title => Words.Line(Notices is [var only] ? only.Title : $"{Notices.Count.ToString(CultureInfo.InvariantCulture)} {Words.Several(Event)}: {Subjects()}", 200);

    /// <summary>The worst among its notices.</summary>
    public string Severity => Notices.Select(notice => notice.Severity).MaxBy(Storage.Alerts.AlertSeverities.Parse) ?? "info";

    /// <summary>Those that people are shown.</summary>
    public IEnumerable<Notice> Shown => Notices.Take(ShownNotices);

    /// <summary>How many are not among <see cref="Shown"/>.</summary>
    public int Hidden => Math.Max(0, Notices.Count - ShownNotices);

    /// <summary><c>churn (3), sales</c>: what they are about, what comes most often at first.</summary>
    private string Subjects()
    {
        var groups = Notices.GroupBy(notice => notice.Pipeline ?? notice.Alert ?? "others", StringComparer.Ordinal)
            .Select(group => (group.Key, Count: group.Count())).OrderByDescending(group => group.Count).ThenBy(group => group.Key, StringComparer.Ordinal).ToArray();
        var shown = groups.Take(5).Select(group => group.Count == 1 ? group.Key : string.Create(CultureInfo.InvariantCulture, $"{group.Key} ({group.Count})"));
        return string.Join(", ", shown) + (groups.Length > 5 ? string.Create(CultureInfo.InvariantCulture, $" and {groups.Length - 5} more") : "");
    }
}
