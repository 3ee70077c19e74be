using Orchestrator.Core.Activities;
using Orchestrator.Core.Secrets;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Secrets;

/// <summary>Looks up secrets at the last moment: those of an attempt before it runs, and those that requests are signed with.</summary>
public sealed class SecretVault(IEnumerable<ISecretSource> sources)
{
    // Of two places with the same name the first wins: what a deployment sets goes before what a home keeps.
    private readonly ISecretSource[] inOrder = [.. sources.OrderBy(source => source.Kind)];

    /// <summary>Every secret with its value, or with why it has none: an attempt that does not use it after all must not fail for it.</summary>
    internal async Task<RevealedSecrets> RevealAsync(IReadOnlyList<SecretRef> secrets, CancellationToken cancellation)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var failures = new Dictionary<string, Failure>(StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            try
            {
                if (await FindAsync(secret, cancellation) is { } value)
                {
                    values[secret.ToString()] = value;
                }
                else
                {
                    failures[secret.ToString()] = SecretErrors.NotFound(secret, await NamesAsync(cancellation));
                }
            }
            catch (ActivityException unreadable)
            {
                failures[secret.ToString()] = unreadable.Failure;
            }
            catch (Exception unreadable) when (StorageFaults.IsStorage(unreadable))
            {
                failures[secret.ToString()] = SecretErrors.KeyUnreadable(secret.ToString(), unreadable.Message).Failure;
            }
        }

        return new RevealedSecrets(values, failures);
    }

    /// <summary>The value of a secret; null when it has none.</summary>
    /// <exception cref="ActivityException">It is there and cannot be read (ORC526x).</exception>
    public async Task<string?> FindAsync(SecretRef secret, CancellationToken cancellation)
    {
        foreach (var source in inOrder.Where(source => secret.Source == SecretSource.Any || source.Kind == secret.Source))
        {
            if (await source.FindAsync(secret.Name, pinned: secret.Source != SecretSource.Any, cancellation) is { Length: > 0 } value)
            {
                return value;
            }
        }

        return null;
    }

    private async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation)
    {
        var names = new List<string>();
        foreach (var source in inOrder)
        {
            names.AddRange(await source.NamesAsync(cancellation));
        }

        return names;
    }
}

/// <summary>The secrets of one attempt, in memory only. A class, so that no record prints them by accident.</summary>
internal sealed class RevealedSecrets(IReadOnlyDictionary<string, string> values, IReadOnlyDictionary<string, Failure> failures)
{
    public static RevealedSecrets None { get; } = new(new Dictionary<string, string>(), new Dictionary<string, Failure>());

    public IReadOnlyDictionary<string, string> Values => values;

    public IReadOnlyDictionary<string, Failure> Failures => failures;

    /// <exception cref="ActivityException">It is not there (ORC526x), or the task's definition does not name it (ORC5266).</exception>
    public string Get(SecretRef secret, string task)
    {
        var name = secret.ToString();
        return values.TryGetValue(name, out var value) ? value
            : failures.TryGetValue(name, out var failure) ? throw new ActivityException(failure)
            : throw SecretErrors.NotNamed(secret, task);
    }
}
