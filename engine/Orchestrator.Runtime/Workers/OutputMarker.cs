using System.Diagnostics.CodeAnalysis;
using System.Text;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Processes;

namespace Orchestrator.Runtime.Workers;

/// <summary>
/// A mark that a worker prints when an attempt ends. Messages come over the socket and printed text over pipes, so without it nobody would know which of
/// the text still to come belongs to the attempt that has just ended.
/// </summary>
internal static class OutputMarker
{
    private const string Start = "\u0001orc-attempt-ended ";

    /// <summary>Worker: marks the end on both streams, after what native libraries still held back.</summary>
    public static void Print(AttemptId attempt)
    {
        ProcessSession.FlushNativeStreams();
        var bytes = Encoding.UTF8.GetBytes($"{Start}{attempt.Value}\n");
        foreach (var stream in (int[])[1, 2])
        {
            // An activity may have closed its standard output. The engine waits a moment for the mark and then goes on.
            ProcessSession.Write(stream, bytes);
        }
    }

    /// <summary>Engine: true when a line ends in a mark; <paramref name="text"/> is what stood before it.</summary>
    public static bool TryRead(string line, out string text, [NotNullWhen(true)] out string? attempt)
    {
        var at = line.IndexOf(Start, StringComparison.Ordinal);
        text = at < 0 ? line : line[..at];
        attempt = at < 0 ? null : line[(at + Start.Length)..];
        return at >= 0;
    }
}
