using System.Runtime.CompilerServices;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Logs;

/// <summary>The logs of attempts: one append-only text file each, which any process may read and follow while it grows.</summary>
public sealed class AttemptLogs(OrcHome home, TimeProvider time, AttemptLogOptions? options = null)
{
    private readonly AttemptLogOptions options = options ?? new AttemptLogOptions();

    /// <summary>Where the log of an attempt is. The file is made with its first line, so it need not exist.</summary>
    public string PathOf(LogKey key) => Path.Combine(home.LogsFolder, key.RelativePath);

    /// <summary>Opens the log of an attempt for writing, by the one process that runs it.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="maxBytes">How large it may become; null: as the options say.</param>
    public AttemptLog Open(AttemptInfo attempt, long? maxBytes = null) => new(PathOf(LogKey.Of(attempt)), time, options, maxBytes ?? options.MaxBytes);

    /// <summary>What the log holds now; nothing when the attempt has written nothing.</summary>
    public IAsyncEnumerable<LogLine> ReadAsync(LogKey key, CancellationToken cancellation = default) =>
        FollowAsync(key, Task.CompletedTask, cancellation);

    /// <summary>What the log holds, and then each line soon after it is written.</summary>
    /// <param name="over">Completes when the attempt has ended and its log is closed; the rest is read and the sequence ends.</param>
    public async IAsyncEnumerable<LogLine> FollowAsync(LogKey key, Task over, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var path = PathOf(key);
        using var reader = new LogFileReader(path);
        while (true)
        {
            // Asked before reading: what was written before the end was announced is then always read.
            var last = over.IsCompleted;
            foreach (var line in reader.ReadNew(includeUnfinished: last))
            {
                cancellation.ThrowIfCancellationRequested();
                yield return line;
            }

            if (last)
            {
                yield break;
            }

            await WaitAsync(over, cancellation);
        }
    }

    private async Task WaitAsync(Task over, CancellationToken cancellation)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(over, Task.Delay(options.FollowInterval, time, pause.Token));
        await pause.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }
}
