using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Activities;

namespace Orchestrator.Activities.Commands;

/// <summary>What the result of a program depends on beside its inputs, as parts with names: its files and the program itself.</summary>
internal static class CommandSources
{
    /// <summary>Up to this number of files each is a part of its own, so that people are told which one has changed.</summary>
    private const int MostFilesNamed = 20;

    /// <summary>A larger program is told by its size and age, since reading it would hold up whoever waits for the answer.</summary>
    private const long LargestRead = 64 * 1024 * 1024;

    /// <param name="sources">Files, folders (with all below them) and patterns in a folder (<c>scripts/*.py</c>), relative to the base directory.</param>
    /// <param name="context">Of the task, or of a page of items, which mostly have the same files.</param>
    /// <exception cref="ActivityException">One matches no file (ORC5605).</exception>
    public static async Task<List<KeyValuePair<string, string>>> PartsAsync(IReadOnlyList<string> sources, FingerprintContext context)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            files.UnionWith(Match(source, context.BaseDirectory));
        }

        // Names count as well as bytes: a renamed script is another program. Relative ones, so that a checkout elsewhere has the same hash.
        var parts = new List<KeyValuePair<string, string>>();
        foreach (var file in files)
        {
            parts.Add(KeyValuePair.Create($"file {RelativeName(file, context.BaseDirectory)}", await HashOfAsync(file, context)));
        }

        return parts.Count <= MostFilesNamed ? parts : [KeyValuePair.Create($"one of its {parts.Count} sources", HashOf(parts))];
    }

    /// <summary>
    /// The program, where it was found and what is in it; and the script that it is to interpret, which is the first argument that is a file. Null when there is no such program:
    /// then nobody knows what its result depends on, and the attempt says what is missing.
    /// </summary>
    /// <param name="words">The program and its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="path">The variable PATH as the program will see it.</param>
    public static async Task<List<KeyValuePair<string, string>>?> ProgramAsync(IReadOnlyList<string> words, string folder, string path, FingerprintContext context)
    {
        string program;
        try
        {
            program = ProgramLookup.Find(words[0], context.BaseDirectory, path);
        }
        catch (ActivityException)
        {
            return null;
        }

        var parts = new List<KeyValuePair<string, string>>
        {
            KeyValuePair.Create("program", RelativeName(program, context.BaseDirectory)),
            KeyValuePair.Create("what is in the program", await HashOfAsync(program, context)),
        };
        if (words.Skip(1).Select(word => ScriptOf(word, folder)).FirstOrDefault(script => script is not null) is { } script)
        {
            parts.Add(KeyValuePair.Create($"script {RelativeName(script, context.BaseDirectory)}", await HashOfAsync(script, context)));
        }

        return parts;
    }

    private static string? ScriptOf(string word, string folder)
    {
        if (word.Length is 0 or > 1024 || word[0] == '-' || word.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        var path = Path.GetFullPath(word, folder);
        return File.Exists(path) ? path : null;
    }

    /// <summary>Relative below the folder of the pipeline's file, else whole: a program in another place is another one, as that of a virtual environment is.</summary>
    private static string RelativeName(string file, string baseDirectory) =>
        Path.GetRelativePath(baseDirectory, file) is var relative && relative.StartsWith("..", StringComparison.Ordinal) ? file : relative.Replace('\\', '/');

    private static Task<string> HashOfAsync(string file, FingerprintContext context) => context.OnceAsync($"file {file}", async () =>
    {
        var about = new FileInfo(file);
        if (about.Length > LargestRead && Path.GetExtension(file).Length == 0)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{about.Length} bytes of {about.LastWriteTimeUtc:O}");
        }

        await using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, context.Cancellation));
    });

    private static string HashOf(List<KeyValuePair<string, string>> parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(parts.Select(part => $"{part.Value} {part.Key}\n")))));

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
