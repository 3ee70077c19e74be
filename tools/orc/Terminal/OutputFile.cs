using Orchestrator.Cli.CommandLine;

namespace Orchestrator.Cli.Terminal;

/// <summary>A file that a command was asked to write: whole or not at all.</summary>
internal static class OutputFile
{
    /// <exception cref="WrongRequestException">It cannot be written there (ORC5960).</exception>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        var draft = $"{path}.{Environment.ProcessId}.part";
        try
        {
            // Devices are written as they are: nothing can be moved onto /dev/stdout.
            var straight = File.Exists(path) && File.GetAttributes(path).HasFlag(FileAttributes.Device);
            await File.WriteAllTextAsync(straight ? path : draft, text, cancellation);
            if (!straight)
            {
                File.Move(draft, path, overwrite: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Remove(draft);
            throw new WrongRequestException(
                "ORC5960",
                $"{path} cannot be written: {error.Message}",
                help: Directory.Exists(path) ? "It is a folder; name a file in it." : "Check that the folder exists, that you may write there, and that there is room, or choose another file with --output.");
        }
    }

    private static void Remove(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Where nothing can be written nothing was.
        }
    }
}
