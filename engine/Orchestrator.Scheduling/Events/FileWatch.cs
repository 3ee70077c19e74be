using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Scheduling.Events;

/// <summary>What a look at a folder found out.</summary>
internal sealed record FilesFound
{
    /// <summary>Rows to store.</summary>
    public IReadOnlyList<FileSeen> Seen { get; init; } = [];

    /// <summary>Rows of files that are not there any more.</summary>
    public IReadOnlyList<FileSeen> Gone { get; init; } = [];

    /// <summary>Files that are whole, and of which nobody was told as they are.</summary>
    public IReadOnlyList<NewSignal> Signals { get; init; } = [];
}

/// <summary>Tells when files are written to their end: size and time have stayed the same for a while. Pure.</summary>
internal static class FileWatch
{
    /// <param name="trigger">What is waited for.</param>
    /// <param name="topic">What is told of it.</param>
    /// <param name="pattern">The full path of what the files look like.</param>
    /// <param name="listed">What is there now.</param>
    /// <param name="known">What was there before, of this pattern.</param>
    /// <param name="now">The time.</param>
    public static FilesFound Look(FileTrigger trigger, SignalTopic topic, string pattern, IReadOnlyList<ListedFile> listed, IReadOnlyCollection<FileSeen> known, DateTimeOffset now)
    {
        var before = known.ToDictionary(file => file.Path, StringComparer.Ordinal);
        var seen = new List<FileSeen>();
        var signals = new List<NewSignal>();
        foreach (var file in listed)
        {
            // Databases hold microseconds; a time with more digits would look like another one for ever.
            var modified = new DateTimeOffset(file.Modified.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
            if (!before.Remove(file.Path, out var last) || last.Size != file.Size || last.Modified != modified)
            {
                last = new FileSeen { Pattern = pattern, Path = file.Path, Size = file.Size, Modified = modified, Since = now, Told = false };
                seen.Add(last);
            }

            if (!last.Told && now - last.Since >= trigger.Stable)
            {
                seen.RemoveAll(one => one.Path == file.Path);
                seen.Add(last with { Told = true });
                signals.Add(SignalOf(topic, last, now));
            }
        }

        return new FilesFound { Seen = seen, Gone = [.. before.Values], Signals = signals };
    }

    private static NewSignal SignalOf(SignalTopic topic, FileSeen file, DateTimeOffset now) => new()
    {
        Topic = topic,
        Payload = OrcJson.ToElement(new { path = file.Path, name = Path.GetFileName(file.Path), size = file.Size, modified = file.Modified.UtcDateTime }),
        At = now,
        Once = FormattableString.Invariant($"{topic.Subject}|{file.Path}|{file.Size}|{file.Modified.UtcTicks}"),
    };
}
