using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Homes;

/// <summary>Where the server of a home is, for commands on the same machine: a file in the home that its owner alone may read, since it holds the token that commands come with.</summary>
public sealed record ServerAddress
{
    private const string FileName = "server.json";

    public required string Url { get; init; }

    /// <summary>The process, with its start time: a file that a killed server left points at nobody.</summary>
    public required string Process { get; init; }

    public required string Token { get; init; }

    /// <summary>Which database it works on, as <see cref="DatabaseMark"/> says it; absent: the home's own file.</summary>
    public string? Database { get; init; }

    /// <summary>Tells databases apart without saying where they are: a URL may hold a password.</summary>
    public static string? DatabaseMark(string? url) => url is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)));

    /// <summary>The server that serves the home now; null: none does.</summary>
    public static ServerAddress? Find(string home)
    {
        try
        {
            var path = Path.Combine(home, FileName);
            return File.Exists(path) && JsonSerializer.Deserialize<ServerAddress>(File.ReadAllText(path), OrcJson.Options) is { } address
                && ProcessIdentity.TryParse(address.Process, out var process) && process.IsAlive
                ? address
                : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Tells commands where the server is.</summary>
    /// <param name="home">The home.</param>
    /// <param name="url">Where the server is reached from this machine.</param>
    /// <param name="token">What commands come with.</param>
    /// <param name="databaseUrl">The database that it was given; null: the home's own file.</param>
    public static void Write(OrcHome home, string url, string token, string? databaseUrl)
    {
        var path = Path.Combine(home.Folder, FileName);
        var draft = $"{path}.{Environment.ProcessId}.draft";
        var text = JsonSerializer.Serialize(new ServerAddress { Url = url, Process = ProcessIdentity.Current.ToString(), Token = token, Database = DatabaseMark(databaseUrl) }, OrcJson.Options);
        var mode = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new StreamWriter(new FileStream(draft, mode)))
        {
            file.Write(text);
        }

        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Takes the file away, unless it is another server's by now.</summary>
    public static void Remove(OrcHome home, string token)
    {
        if (Find(home.Folder)?.Token == token)
        {
            File.Delete(Path.Combine(home.Folder, FileName));
        }
    }
}
