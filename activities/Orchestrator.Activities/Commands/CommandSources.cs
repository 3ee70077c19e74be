using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Activities.Commands;

/// <summary>The files that a command's result depends on beside its inputs, as one hash.</summary>
internal static class CommandSources
{
    /// <param name="sources">Files, folders (with all below them) and patterns in a folder (<c>scripts/*.py</c>), relative to the base directory.</param>
    /// <exception cref="Core.Activities.ActivityException">One matches no file (ORC5605).</exception>
    public static async Task<string> HashAsync(IReadOnlyList<string> sources, string baseDirectory, CancellationToken cancellation)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            files.UnionWith(Match(source, baseDirectory));
        }

        // Names count as well as bytes: a renamed script is another program. Relative ones, so that a checkout elsewhere has the same hash.
        var listing = new StringBuilder();
        foreach (var file in files)
        {
            await using var stream = File.OpenRead(file);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
            listing.Append(hash).Append(' ').Append(Path.GetRelativePath(baseDirectory, file).Replace('\\', '/')).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(listing.ToString())));
    }

    private static string[] Match(string source, string baseDirectory)
    {
        var path = Path.GetFullPath(source, baseDirectory);
        var folder = Path.GetDirectoryName(path) ?? path;
        string[] found = source switch
        {
            _ when Directory.Exists(path) => Directory.GetFiles(path, "*", SearchOption.AllDirectories),
            _ when File.Exists(path) => [path],
            _ when Path.GetFileName(path).AsSpan().ContainsAny('*', '?') && Directory.Exists(folder) => Directory.GetFiles(folder, Path.GetFileName(path)),
            _ => [],
        };
        return found.Length > 0 ? found : throw CommandErrors.SourceMissing(source, path);
    }
}
