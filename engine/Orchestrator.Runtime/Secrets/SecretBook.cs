using System.Text;
using Orchestrator.Core.Secrets;
using Orchestrator.Runtime.Homes;
using Orchestrator.Storage.Secrets;

namespace Orchestrator.Runtime.Secrets;

/// <summary>A stored secret without its value.</summary>
public sealed record SecretInfo(string Name, int Version, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt);

/// <summary>The encrypted secrets of a home: sealed in its database, with a key that lies beside it or where <c>ORC_SECRETS_KEY</c> says.</summary>
public sealed class SecretBook(SecretStore store, OrcHome home, TimeProvider time)
{
    /// <summary>Names the key file's place, so that a copy of the home alone tells nothing.</summary>
    public const string KeyVariable = "ORC_SECRETS_KEY";

    /// <summary>The largest value. Whole key files and service accounts fit; files of data do not belong here.</summary>
    public const int MaxValueBytes = 64 * 1024;

    private string KeyPath { get; } = KeyPathOf(home);

    /// <summary>Where the key of a home is, or would be.</summary>
    public static string KeyPathOf(OrcHome home) => Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } given ? Path.GetFullPath(given) : Path.Combine(home.Folder, "secrets.key");

    public async Task<IReadOnlyList<SecretInfo>> ListAsync(CancellationToken cancellation) =>
        [.. (await store.ListAsync(cancellation)).Select(one => new SecretInfo(one.Name, one.Version, one.CreatedAt, one.ChangedAt))];

    /// <summary>Stores a value, also over an older one, and answers its version. The first makes the key.</summary>
    /// <exception cref="Core.Activities.ActivityException">A bad name (ORC5267) or value (ORC5268), or the key cannot be used (ORC5261 to ORC5264).</exception>
    public async Task<int> SetAsync(string name, string value, CancellationToken cancellation)
    {
        if (!SecretRef.IsName(name))
        {
            throw SecretErrors.BadName(name);
        }

        var bytes = Encoding.UTF8.GetByteCount(value);
        if (bytes is 0 or > MaxValueBytes || value.Contains('\0', StringComparison.Ordinal))
        {
            throw SecretErrors.BadValue(name, bytes == 0 ? "it is empty" : bytes > MaxValueBytes ? $"it has {bytes:N0} bytes" : "it holds a zero byte, which no environment variable can");
        }

        var key = SecretKey.Find(KeyPath) ?? await MakeKeyAsync(cancellation);
        return await store.PutAsync(name, SecretSeal.Seal(name, value, key), time.GetUtcNow(), cancellation);
    }

    /// <returns>False: there was none.</returns>
    public Task<bool> RemoveAsync(string name, CancellationToken cancellation) => store.RemoveAsync(name, cancellation);

    /// <summary>The value of a secret; null when there is none.</summary>
    public async Task<string?> FindAsync(string name, CancellationToken cancellation) =>
        await store.FindAsync(name, cancellation) is { } found ? SecretSeal.Open(name, found.Sealed, ExistingKey(), KeyPath) : null;

    /// <summary>Opens every secret, tells nobody what is in it, and answers how many there are.</summary>
    /// <exception cref="Core.Activities.ActivityException">The key is missing, not readable, or another one (ORC5261 to ORC5264).</exception>
    public async Task<int> CheckAsync(CancellationToken cancellation)
    {
        var secrets = await store.ListAsync(cancellation);
        if (secrets.Count > 0)
        {
            var key = ExistingKey();
            foreach (var secret in secrets)
            {
                _ = SecretSeal.Open(secret.Name, secret.Sealed, key, KeyPath);
            }
        }

        return secrets.Count;
    }

    /// <summary>Seals every secret again with a new key, and answers how many there are.</summary>
    /// <remarks>The old key stays beside the new one until all is written, so that a crash in between loses nothing.</remarks>
    public async Task<int> RotateKeyAsync(CancellationToken cancellation)
    {
        var old = ExistingKey();
        var secrets = await store.ListAsync(cancellation);
        var fresh = SecretKey.New();
        var resealed = secrets.Select(one => one with { Sealed = SecretSeal.Seal(one.Name, SecretSeal.Open(one.Name, one.Sealed, old, KeyPath), fresh) }).ToList();
        var next = $"{KeyPath}.next";
        fresh.TryWrite(next, replace: true);
        if (!await store.ResealAsync(resealed, cancellation))
        {
            File.Delete(next);
            throw SecretErrors.ChangedMeanwhile();
        }

        File.Move(next, KeyPath, overwrite: true);
        return secrets.Count;
    }

    private SecretKey ExistingKey() => SecretKey.Find(KeyPath) ?? throw SecretErrors.KeyMissing(KeyPath, KeyVariable);

    private async Task<SecretKey> MakeKeyAsync(CancellationToken cancellation)
    {
        // A new key beside secrets of an old one would leave a home with two.
        if ((await store.ListAsync(cancellation)).Count > 0)
        {
            throw SecretErrors.KeyMissing(KeyPath, KeyVariable);
        }

        var key = SecretKey.New();
        return key.TryWrite(KeyPath) ? key : ExistingKey();
    }
}
