using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Pipelines;
using Orchestrator.Storage.Watching;

namespace Orchestrator.Server.Pipelines;

/// <summary>
/// Keeps the pipelines of a folder registered. A file is evaluated when its content, or that of a file that it names, is another one than when it was evaluated last, also before the last start;
/// never because time has passed. One that is broken is reported, and the version before stays.
/// </summary>
internal sealed partial class FolderWatch(ServerParts parts, ServerOptions options, PipelineRegistrar registrar, WatchedFiles store, ServerState state, ILogger<FolderWatch> log) : BackgroundService
{
    private const string Source = "folder";

    /// <summary>An editor writes a file in several steps.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    /// <summary>Some file systems tell nobody of changes; then they are seen this late. Files are compared, not evaluated.</summary>
    private static readonly TimeSpan CompareEvery = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim changed = new(0, 1);
    private ImmutableSortedDictionary<string, WatchedFile> known = ImmutableSortedDictionary.Create<string, WatchedFile>(StringComparer.Ordinal);

    public FolderDocument Describe() => new()
    {
        Folder = options.PipelinesFolder,
        Files =
        [
            .. known.Values.Select(file => new FolderFileDocument
            {
                Path = Shown(file.Path),
                State = !File.Exists(file.Path) ? "gone" : file.Problems is null ? "registered" : "broken",
                Pipeline = file.Pipeline,
                Content = file.Content,
                ReadAt = file.ReadAt,
                Diagnostics = file.Problems?.Deserialize<DiagnosticDocument[]>(OrcJson.Options),
            }),
        ],
    };

    public override void Dispose()
    {
        changed.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.PipelinesFolder is not { } folder)
        {
            return;
        }

        try
        {
            known = (await store.ListAsync(stoppingToken)).Where(file => file.Path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)).ToImmutableSortedDictionary(file => file.Path, file => file, StringComparer.Ordinal);
            using var watcher = Watch(folder);
            while (true)
            {
                await LookAsync(folder, stoppingToken);
                state.FolderIsRead();
                await changed.WaitAsync(CompareEvery, stoppingToken);
                await Task.Delay(Settle, parts.Time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private FileSystemWatcher Watch(string folder)
    {
        var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        watcher.Changed += (_, _) => Tell();
        watcher.Created += (_, _) => Tell();
        watcher.Deleted += (_, _) => Tell();
        watcher.Renamed += (_, _) => Tell();
        watcher.Error += (_, _) => Tell();
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void Tell()
    {
        try
        {
            changed.Release();
        }
        catch (Exception told) when (told is SemaphoreFullException or ObjectDisposedException)
        {
            // A look is due already, or there will be none.
        }
    }

    private async Task LookAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            var files = FolderFiles.Read(folder, parts.Home.Folder);
            var all = FolderFiles.Fingerprint(files);
            // As of now, and so of what was there before anything is read: what changes while it is read is seen by the next look.
            string ContentNow(string path, WatchedFile? file) => ContentOf(path, file, files, all);
            foreach (var path in files.Keys)
            {
                cancellation.ThrowIfCancellationRequested();
                if (!state.IsDraining && known.GetValueOrDefault(path)?.Content != ContentNow(path, known.GetValueOrDefault(path)))
                {
                    await TakeAsync(path, ContentNow, cancellation);
                }
            }
        }
        catch (Exception away) when (away is StorageException or IOException or UnauthorizedAccessException)
        {
            LogAway(log, folder, away.Message);
        }
    }

    /// <summary>Of a file that is in order, itself and what it names. Of a broken one all files: what it lacks may be any of them.</summary>
    private static string ContentOf(string path, WatchedFile? file, IReadOnlyDictionary<string, string> files, string all) =>
        FolderFiles.Fingerprint(((IEnumerable<string>)[path, .. file?.Needs ?? []]).Distinct().ToDictionary(one => one, one => files.GetValueOrDefault(one) ?? FolderFiles.Hash([one], "")))
        + (file is { Problems: not null } ? all : "");

    private async Task TakeAsync(string path, Func<string, WatchedFile?, string> content, CancellationToken cancellation)
    {
        var before = known.GetValueOrDefault(path);
        var now = parts.Time.GetUtcNow();
        IReadOnlyList<string> needs = [];
        IReadOnlyList<DiagnosticDocument> problems;
        var pipeline = before?.Pipeline;
        try
        {
            var (read, files) = await registrar.ReadFileAsync(path, Shown, cancellation);
            needs = [.. files.Where(file => file != path).Order(StringComparer.Ordinal)];
            problems = [.. read.Diagnostics.Where(found => found.IsError).Select(DiagnosticDocument.Of)];
            if (read.Definition is { } definition)
            {
                problems = known.Values.FirstOrDefault(other => other.Path != path && other.Pipeline == definition.Name && File.Exists(other.Path)) is { } other
                    ? [ServerErrors.NameTaken(Shown(path), definition.Name, Shown(other.Path))]
                    : [];
                if (problems.Count == 0)
                {
                    var result = await RegisterAsync(path, read, now, cancellation);
                    pipeline = definition.Name;
                    LogRegistered(log, pipeline, Shown(path), result.Pipeline?.Version ?? 0, result.Outcome == RegistryOutcome.Changed ? "registered" : "as before");
                }
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problems = [ServerErrors.Unreadable(Shown(path), unreadable.Message)];
        }

        var file = new WatchedFile { Path = path, Content = "", Needs = needs, Pipeline = pipeline, Problems = problems.Count == 0 ? null : OrcJson.ToElement(problems), ReadAt = now };
        file = file with { Content = content(path, file) };
        await store.PutAsync(file, cancellation);
        known = known.SetItem(path, file);
        foreach (var problem in problems)
        {
            LogBroken(log, Shown(path), problem.Line, problem.Column, problem.Code, problem.Message, pipeline is null ? "nothing is registered from it" : "the version before stays");
        }
    }

    private async Task<PipelineResult> RegisterAsync(string path, ReadPipeline read, DateTimeOffset now, CancellationToken cancellation)
    {
        var definition = read.Definition ?? throw new ArgumentException("a pipeline with errors", nameof(read));
        return await registrar.RegisterAsync(
            read,
            new PipelineRegistration
            {
                Pipeline = definition.Name, Hash = DefinitionWriter.Hash(definition), Source = Source, SourcePath = path, BaseDirectory = Path.GetDirectoryName(path) ?? "/", By = Source, Now = now,
            },
            new AuditEntry { At = now, Actor = Source, Via = Source, Action = "" },
            cancellation);
    }

    private string Shown(string path) => Path.GetRelativePath(options.PipelinesFolder ?? "/", path);

    [LoggerMessage(6120, LogLevel.Information, "pipeline {Pipeline} of {File}: version {Version}, {Outcome}")]
    private static partial void LogRegistered(ILogger log, string pipeline, string file, int version, string outcome);

    [LoggerMessage(6121, LogLevel.Error, "{File}:{Line}:{Column}: {Code}: {Problem}; {Consequence}")]
    private static partial void LogBroken(ILogger log, string file, int line, int column, string code, string problem, string consequence);

    [LoggerMessage(6122, LogLevel.Warning, "the folder {Folder} cannot be looked at: {Problem}")]
    private static partial void LogAway(ILogger log, string folder, string problem);
}

/// <summary>The files of a folder that may be pipelines, and what is in them.</summary>
internal static class FolderFiles
{
    private static readonly EnumerationOptions Everywhere = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden | FileAttributes.System };

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>By path, with a hash of each. Left out: hidden files and folders, links, the home, and JSON that is no pipeline.</summary>
    public static SortedDictionary<string, string> Read(string folder, string home)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(folder, "*", Everywhere).Where(PipelineFiles.IsPipeline))
        {
            if (!path.StartsWith(home + Path.DirectorySeparatorChar, StringComparison.Ordinal) && (Path.GetExtension(path).Equals(".csx", StringComparison.OrdinalIgnoreCase) || LooksLikePipeline(path)))
            {
                files[path] = Hash([path], "");
            }
        }

        return files;
    }

    /// <summary>Changes when any file comes, goes or changes.</summary>
    public static string Fingerprint(IReadOnlyDictionary<string, string> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files.Select(file => $"{file.Key} {file.Value}")))));

    /// <summary>Of the content of files, and something else. A file that is not there has a hash too: it may come.</summary>
    public static string Hash(IEnumerable<string> paths, string also)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{path}\n"));
            try
            {
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                hash.AppendData(SHA256.HashData(file));
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                hash.AppendData("?"u8);
            }
        }

        hash.AppendData(Encoding.UTF8.GetBytes(also));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A pipeline has tasks. What is broken may be one if it speaks of tasks: better reported than passed over.</summary>
    private static bool LooksLikePipeline(string path)
    {
        const long most = 64L << 20;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > most)
            {
                return false;
            }

            using var document = JsonDocument.Parse(file, Lenient);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("tasks", out _);
        }
        catch (JsonException)
        {
            return File.ReadAllText(path).Contains("\"tasks\"", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
