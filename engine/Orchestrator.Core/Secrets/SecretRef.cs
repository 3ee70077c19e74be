using System.Text.RegularExpressions;

namespace Orchestrator.Core.Secrets;

/// <summary>Where a secret is looked for.</summary>
public enum SecretSource
{
    /// <summary>Not set; refused.</summary>
    Unknown = 0,

    /// <summary>The environment (<c>ORC_SECRET_NAME</c>), then the folder of secret files, then the home's store: the same pipeline works at home and in a cluster.</summary>
    Any,

    /// <summary>The engine's environment variable of exactly that name.</summary>
    Env,

    /// <summary>A file of that name in the folder of secret files.</summary>
    File,

    /// <summary>The encrypted store of the home.</summary>
    Store,
}

/// <summary>The name of a secret, and where it is looked for. Never its value.</summary>
/// <param name="Source">Where.</param>
/// <param name="Name">Letters, digits and underscores, 64 at most, no digit first.</param>
public readonly partial record struct SecretRef(SecretSource Source, string Name)
{
    /// <summary>What expressions call the secrets: <c>secrets.NAME</c>.</summary>
    public const string Root = "secrets";

    /// <summary>The words that name a source: <c>secrets.env.NAME</c>.</summary>
    public static IReadOnlyList<string> Sources { get; } = ["env", "file", "store"];

    /// <summary>True for texts that may name a secret. The words for sources may not, or nobody could tell the two apart.</summary>
    public static bool IsName(string text) => NamePattern().IsMatch(text) && !Sources.Contains(text);

    /// <summary>Reads <c>NAME</c> or <c>SOURCE.NAME</c>.</summary>
    public static bool TryParse(string text, out SecretRef secret)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var source = dot < 0 ? SecretSource.Any : SourceOf(text[..dot]);
        secret = new SecretRef(source, text[(dot + 1)..]);
        return source != SecretSource.Unknown && (dot < 0 ? IsName(secret.Name) : NamePattern().IsMatch(secret.Name));
    }

    /// <summary>What stands after <c>secrets.</c></summary>
    public override string ToString() => Source switch
    {
        SecretSource.Env => $"env.{Name}",
        SecretSource.File => $"file.{Name}",
        SecretSource.Store => $"store.{Name}",
        _ => Name,
    };

    private static SecretSource SourceOf(string word) => word switch
    {
        "env" => SecretSource.Env,
        "file" => SecretSource.File,
        "store" => SecretSource.Store,
        _ => SecretSource.Unknown,
    };

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
