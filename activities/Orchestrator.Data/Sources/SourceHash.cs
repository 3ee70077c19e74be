using System.Security.Cryptography;

namespace Orchestrator.Data.Sources;

/// <summary>The SHA-256 of a file's bytes, as 64 lowercase hexadecimal digits; streamed, so that a file larger than memory is fine.</summary>
internal static class SourceHash
{
    public static async Task<string> ComputeAsync(string path, CancellationToken cancellation)
    {
        await using var file = SourceFiles.Open(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }

    /// <summary>Null when there is no such file, it is empty or it may not be read; the attempt will say so with words.</summary>
    public static async Task<string?> TryComputeAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return File.Exists(path) && HasLength(path) ? await ComputeAsync(path, cancellation) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or Core.Activities.ActivityException)
        {
            return null;
        }
    }

    // Pipes and devices have none, and some of them no end.
    private static bool HasLength(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? new FileInfo(target.FullName).Length > 0 : new FileInfo(path).Length > 0;
}
