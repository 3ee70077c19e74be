using System.ComponentModel;
using System.Diagnostics;
using Orchestrator.Core.Activities;

namespace Orchestrator.Activities.Containers;

/// <summary>Which image a name means at this moment, by content.</summary>
internal static class ImageDigest
{
    /// <summary>How long podman or docker may take to answer; a client whose service hangs must not hold up the run.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <param name="image">A name with a tag, or with a digest.</param>
    /// <param name="pull">When the image is pulled.</param>
    /// <param name="engine">The program that runs containers; null: there is none.</param>
    /// <param name="context">Of the task, or of a page of items.</param>
    /// <returns><c>sha256:…</c>; null when nobody can tell before it runs: it is not here yet, or is pulled each time.</returns>
    public static async Task<string?> FindAsync(string image, string pull, string? engine, FingerprintContext context)
    {
        if (image.Split('@') is [_, var digest] && IsDigest(digest))
        {
            return digest;
        }

        if (engine is null || pull == "always")
        {
            return null;
        }

        var found = await context.OnceAsync($"image {engine} {image}", () => AskAsync(engine, image, context.Cancellation));
        return IsDigest(found) ? found : null;
    }

    private static async Task<string> AskAsync(string engine, string image, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        using var client = new Process { StartInfo = new ProcessStartInfo(engine, ["image", "inspect", "--format", "{{.Id}}", image]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        try
        {
            client.Start();
            var errors = client.StandardError.ReadToEndAsync(patience.Token);
            var output = await client.StandardOutput.ReadToEndAsync(patience.Token);
            await errors;
            await client.WaitForExitAsync(patience.Token);
            var id = output.Trim();
            // podman leaves the algorithm out.
            return client.ExitCode != 0 ? "" : id.Contains(':', StringComparison.Ordinal) ? id : $"sha256:{id}";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            client.Kill(entireProcessTree: true);
            return "";
        }
        catch (Win32Exception)
        {
            return "";
        }
    }

    private static bool IsDigest(string text) => text.StartsWith("sha256:", StringComparison.Ordinal) && text.Length == 71 && text.AsSpan(7).IndexOfAnyExceptInRange('0', 'f') < 0;
}
