namespace Orchestrator.Cli.Remote;

/// <summary>A server, and with what one comes to it.</summary>
internal sealed record ServerSite
{
    /// <summary>Its root, with a slash at the end.</summary>
    public required Uri Url { get; init; }

    /// <summary>An API key, or the token of the home; null: none.</summary>
    public string? Key { get; init; }

    /// <summary>True: somebody named it; false: it serves the home, and nobody need know.</summary>
    public required bool IsNamed { get; init; }

    /// <summary>True: it came with the token of the home, so it is on this machine and sees the same files.</summary>
    public bool IsOfHome { get; init; }

    /// <summary>The home on this machine, where what is fetched is put.</summary>
    public required string Home { get; init; }

    public string Name => Url.GetLeftPart(UriPartial.Path).TrimEnd('/');
}
