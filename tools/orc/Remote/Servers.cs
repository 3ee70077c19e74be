using Orchestrator.Cli.CommandLine;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Cli.Remote;

/// <summary>Finds the server that a command goes through: the one that was named, else the one that serves the home.</summary>
internal static class Servers
{
    /// <summary>How soon a server on this machine says that it is there.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    /// <summary>Null: there is none, and the command works on the home itself.</summary>
    /// <exception cref="WrongRequestException">What was named is no address (ORC5991), or one that a key may not go to (ORC5992).</exception>
    public static async Task<ServerClient?> FindAsync(Globals globals, CancellationToken cancellation)
    {
        if (globals is { Server.IsOption: true, Local: true } or { Server.IsOption: true, IsDatabaseOption: true })
        {
            throw RemoteErrors.TwoPlaces(globals.Local ? "--local" : "--db");
        }

        return globals.Local ? null
            : globals.Server is { } named ? new ServerClient(SiteOf(globals, named), () => OfHome(globals), globals.Console, globals.Time)
            : await FindOfHomeAsync(globals, cancellation);
    }

    /// <summary>The server that serves the home; null when none does, or what it left behind is all there is.</summary>
    private static async Task<ServerClient?> FindOfHomeAsync(Globals globals, CancellationToken cancellation)
    {
        if (OfHome(globals) is not { } site)
        {
            return null;
        }

        var client = new ServerClient(site, () => OfHome(globals), globals.Console, globals.Time);
        var answers = false;
        try
        {
            answers = await client.AnswersAsync(Soon, cancellation);
            return answers ? client : null;
        }
        finally
        {
            if (!answers)
            {
                client.Dispose();
            }
        }
    }

    /// <summary>Where the server of the home says that it is. A process that is gone, or works on another database, serves nobody here.</summary>
    private static ServerSite? OfHome(Globals globals)
    {
        var home = Path.GetFullPath(globals.Home);
        return ServerAddress.Find(home) is { } address && address.Database == ServerAddress.DatabaseMark(globals.Database) && Uri.TryCreate(address.Url, UriKind.Absolute, out var url)
            ? new ServerSite { Url = url, Key = address.Token, IsNamed = false, IsOfHome = true, Home = home }
            : null;
    }

    private static ServerSite SiteOf(Globals globals, NamedServer named)
    {
        var url = UrlOf(named);
        var key = ServerKeys.Find();
        if (key is null && OfHome(globals) is { } own && own.Url == url)
        {
            return own with { IsNamed = true };
        }

        return key is null || url.Scheme == Uri.UriSchemeHttps || url.IsLoopback || Globals.Variable("ORC_ALLOW_HTTP") == "1"
            ? new ServerSite { Url = url, Key = key, IsNamed = true, Home = Path.GetFullPath(globals.Home) }
            : throw RemoteErrors.InTheClear(url);
    }

    private static Uri UrlOf(NamedServer named)
    {
        if (!Uri.TryCreate(named.Text, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.Host.Length == 0)
        {
            throw RemoteErrors.WrongUrl(named, "which is no http or https address");
        }

        return url.UserInfo.Length > 0 ? throw RemoteErrors.WrongUrl(named with { Text = url.GetLeftPart(UriPartial.Scheme) + "…@" + url.Authority }, "and the API key stands in ORC_API_KEY, not in the address")
            : url.Query.Length > 0 || url.Fragment.Length > 0 ? throw RemoteErrors.WrongUrl(named, "which has more than an address")
            : url.AbsolutePath.EndsWith('/') ? url
            : new UriBuilder(url) { Path = url.AbsolutePath + "/" }.Uri;
    }
}

/// <summary>The API key, from where no other user of the machine sees it.</summary>
internal static class ServerKeys
{
    private const int LongestFile = 4096;

    public static string? Find() =>
        Globals.Variable("ORC_API_KEY")?.Trim() is { Length: > 0 } key ? key.Any(char.IsControl) ? throw RemoteErrors.KeyFile("ORC_API_KEY", "it has more than one line") : key
        : Globals.Variable("ORC_API_KEY_FILE") is { } file ? Read(file)
        : null;

    private static string Read(string file)
    {
        try
        {
            if (new FileInfo(file).Length > LongestFile)
            {
                throw RemoteErrors.KeyFile(file, $"it is larger than {LongestFile} bytes");
            }

            return File.ReadAllText(file).Trim() is { Length: > 0 } key && !key.Any(char.IsControl) ? key : throw RemoteErrors.KeyFile(file, "it does not hold one line with a key");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw RemoteErrors.KeyFile(file, unreadable.Message);
        }
    }
}
