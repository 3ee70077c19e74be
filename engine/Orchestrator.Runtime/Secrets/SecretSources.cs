using Orchestrator.Core.Secrets;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Secrets;

/// <summary>A place where secrets are looked for.</summary>
public interface ISecretSource
{
    SecretSource Kind { get; }

    /// <summary>The value; null when this place has none of that name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="pinned">True: the definition asks for this place by name.</param>
    /// <param name="cancellation">Ends the search.</param>
    Task<string?> FindAsync(string name, bool pinned, CancellationToken cancellation);

    /// <summary>The names that may be told to people, for near ones.</summary>
    Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation);
}

/// <summary>The engine's environment: <c>secrets.env.NAME</c> is the variable NAME, <c>secrets.NAME</c> the variable <c>ORC_SECRET_NAME</c>.</summary>
public sealed class EnvironmentSecrets : ISecretSource
{
    /// <summary>Variables that begin so are kept from the programs and workers that the engine starts.</summary>
    public const string Prefix = "ORC_SECRET_";

    private const string DatabaseVariable = "ORC_DB";

    /// <summary>What commands come to a server with: what a task may do is not what whoever started it may do.</summary>
    private const string ApiKeyVariable = "ORC_API_KEY";

    public SecretSource Kind => SecretSource.Env;

    /// <summary>Takes what only the engine may know out of a child's environment.</summary>
    public static void RemoveFrom(IDictionary<string, string?> environment)
    {
        foreach (var (name, value) in environment.ToList())
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal) || name is SecretBook.KeyVariable or Workers.WorkerArguments.TokenVariable or ApiKeyVariable || (name == DatabaseVariable && NamesServer(value)))
            {
                environment.Remove(name);
            }
        }
    }

    /// <summary>The URL of a server may hold a password; that of a file is no secret.</summary>
    private static bool NamesServer(string? url) => url is not null && !url.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase);

    public Task<string?> FindAsync(string name, bool pinned, CancellationToken cancellation) =>
        Task.FromResult(Environment.GetEnvironmentVariable(pinned ? name : Prefix + name) is { Length: > 0 } value ? value : null);

    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>([]);
}

/// <summary>One file per secret, as containers get them: in <c>/run/secrets</c>, or where <c>ORC_SECRETS_DIR</c> says. One line end at the end of a file is left out.</summary>
public sealed class FileSecrets : ISecretSource
{
    public static string Folder => Environment.GetEnvironmentVariable("ORC_SECRETS_DIR") is { Length: > 0 } given ? given : "/run/secrets";

    public SecretSource Kind => SecretSource.File;

    public async Task<string?> FindAsync(string name, bool pinned, CancellationToken cancellation)
    {
        var path = Path.Combine(Folder, name);
        return File.Exists(path) ? WithoutLineEnd(await File.ReadAllTextAsync(path, cancellation)) : null;
    }

    public Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation)
    {
        try
        {
            return Task.FromResult<IReadOnlyList<string>>(Directory.Exists(Folder) ? [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file)).Where(SecretRef.IsName)] : []);
        }
        catch (Exception unreadable) when (StorageFaults.IsStorage(unreadable))
        {
            return Task.FromResult<IReadOnlyList<string>>([]);
        }
    }

    /// <summary>A text without the one line end that editors and <c>echo</c> put behind it.</summary>
    public static string WithoutLineEnd(string text) => text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}

/// <summary>The encrypted store of the home.</summary>
public sealed class StoredSecrets(SecretBook book) : ISecretSource
{
    public SecretSource Kind => SecretSource.Store;

    public Task<string?> FindAsync(string name, bool pinned, CancellationToken cancellation) => book.FindAsync(name, cancellation);

    public async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellation) => [.. (await book.ListAsync(cancellation)).Select(one => one.Name)];
}
