using Orchestrator.Core.Values;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Homes;
using Orchestrator.Storage.Faults;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Runtime.Retention;

/// <summary>
/// Removes files of the artifact store that nothing refers to. A file is put on a list first, and goes later: once it has been on the list for a while, every run has ended that was there when it
/// was put on the list, still nothing refers to it, and nobody has written it again.
/// </summary>
/// <remarks>
/// Why that is safe. Somebody could refer to a file that nothing refers to in three ways. An attempt wrote it and has not told yet: its run goes on, and it is older than the list. Somebody had read
/// of it before the last reference went (a cached result, a run to repeat): the same, or within the time of grace. Somebody makes the same bytes again: that renews the time of the file
/// (<see cref="ArtifactStore"/>), which is compared after the file was moved out of the way, so that whoever comes later finds no file and writes it anew.
/// </remarks>
internal sealed class ArtifactSweep(OrcHome home, ArtifactReferences references, RetentionStore store, TimeProvider time)
{
    /// <summary>How long a file must be on the list; and how far clocks of machines that share a home may differ.</summary>
    public static readonly TimeSpan UsualGrace = TimeSpan.FromMinutes(10);

    private readonly ArtifactTrash trash = new(home);

    /// <param name="grace">See <see cref="UsualGrace"/>. Zero only when nobody else works on the home.</param>
    /// <param name="cancellation">May stop it anywhere: what is half done is done again.</param>
    public async Task<(Amount Removed, Amount Waiting, string? Why)> RunAsync(TimeSpan grace, CancellationToken cancellation)
    {
        trash.PutBack();
        var now = time.GetUtcNow();
        // In this order: a run that ended before this question has told of its files before the next one.
        var open = await store.ListOpenAsync(cancellation);
        var used = await references.ListUsedAsync(new HashSet<RunId>(), cancellation);
        var files = trash.Files().ToDictionary(file => file.Hash, StringComparer.Ordinal);
        var listed = await references.ListUnusedAsync(cancellation);
        var still = listed.Where(one => !used.Contains(one.Hash) && files.TryGetValue(one.Hash, out var file) && file.ModifiedAt == one.ModifiedAt).ToArray();
        await references.DropUnusedAsync(listed.Except(still).Select(one => one.Hash), cancellation);
        var known = still.Select(one => one.Hash).ToHashSet(StringComparer.Ordinal);
        var fresh = files.Values.Where(file => !used.Contains(file.Hash) && !known.Contains(file.Hash)).ToArray();
        var found = fresh
            .Where(file => file.ModifiedAt <= now - grace)
            .Select(file => new UnusedArtifact { Hash = file.Hash, SizeInBytes = file.SizeInBytes, ModifiedAt = file.ModifiedAt, Since = now })
            .ToArray();
        await references.PutUnusedAsync(found, cancellation);
        var (removed, waiting, why) = await RemoveAsync([.. still, .. found], open, grace, cancellation);
        return fresh.Where(file => file.ModifiedAt > now - grace).Aggregate(
            (removed, waiting, why),
            (sum, file) => (sum.removed, sum.waiting + new Amount(1, file.SizeInBytes), sum.why ?? "they were written just now, perhaps by somebody who is about to refer to them"));
    }

    /// <summary>Why nothing may be removed in this home; null: it may.</summary>
    public static string? Forbidden(OrcHome home, string database) => home.OtherDatabases(database) is { Count: > 0 } others
        ? $"this home was used with {string.Join(" and ", others)} too, whose runs may refer to any of them; if that is over, take it out of {home.DatabasesPath}"
        : null;

    private async Task<(Amount Removed, Amount Waiting, string? Why)> RemoveAsync(UnusedArtifact[] unused, IReadOnlyList<RunHead> open, TimeSpan grace, CancellationToken cancellation)
    {
        var (removed, waiting) = (default(Amount), default(Amount));
        string? why = null;
        foreach (var file in unused)
        {
            cancellation.ThrowIfCancellationRequested();
            var reason = WaitsFor(file, open, grace);
            if (reason is null && trash.TryPutAside(file.Hash, file.ModifiedAt))
            {
                FaultPoints.Reached("artifact-aside");
                await references.RemoveAsync(file.Hash, cancellation);
                FaultPoints.Reached("artifact-forgotten");
                trash.Delete(file.Hash);
                await references.DropUnusedAsync([file.Hash], cancellation);
                removed += new Amount(1, file.SizeInBytes);
            }
            else
            {
                waiting += new Amount(1, file.SizeInBytes);
                why ??= reason;
            }
        }

        return (removed, waiting, why);
    }

    private string? WaitsFor(UnusedArtifact file, IReadOnlyList<RunHead> open, TimeSpan grace) =>
        open.FirstOrDefault(run => run.CreatedAt < file.Since + grace) is { } run ? $"run {run.Id}, which goes on, may be about to refer to them"
        : time.GetUtcNow() < file.Since + grace ? $"they go with the first time after {(file.Since + grace).UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, so that nobody is surprised who has just read of them"
        : null;
}
