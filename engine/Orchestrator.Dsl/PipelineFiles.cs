using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting;

namespace Orchestrator.Dsl;

/// <summary>What a file came to, with all the files that it names.</summary>
public sealed record PipelineFileResult
{
    /// <summary>The definition in its normal form, sub-pipelines included; null when there are errors.</summary>
    public PipelineDefinition? Definition { get; init; }

    /// <summary>Everything that was found, each finding in the file that it is about.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>The scripts among the files, the one that was asked for first: steps written in them are run from them.</summary>
    public ImmutableArray<ScriptSource> Scripts { get; init; } = [];

    public bool HasErrors => Diagnostics.Any(diagnostic => diagnostic.IsError);
}

/// <summary>Puts the pipelines of other files into a definition, before it is checked.</summary>
internal interface IPipelineIncludes
{
    /// <param name="definition">As it was written.</param>
    /// <param name="map">Where.</param>
    /// <param name="found">Takes what is wrong, here and in the other files.</param>
    /// <param name="broken">Takes the paths of parts about which all has been said.</param>
    Task<PipelineDefinition> IncludeAsync(PipelineDefinition definition, SourceMap map, DiagnosticBag found, ISet<string> broken);
}

/// <summary>Reads pipelines from files, JSON or C# script, with the sub-pipelines that they name in other files. A file that several name is read once.</summary>
/// <param name="scripts">What scripts are compiled against; its catalog and limits hold for all files.</param>
/// <param name="shown">How messages call a file, by its full path.</param>
public sealed class PipelineFiles(ScriptEnvironment scripts, Func<string, string> shown)
{
    private readonly Dictionary<string, PipelineFileResult> read = new(StringComparer.Ordinal);

    // Made when there is a script: with it comes the compiler, which JSON does not need.
    private ScriptFrontEnd FrontEnd => field ??= new(scripts);

    /// <summary>The full paths of all files that were read so far: the one that was asked for and all that it names.</summary>
    public IReadOnlyCollection<string> Files => read.Keys;

    /// <summary>True for files that a front end reads.</summary>
    public static bool IsPipeline(string path) => EndingOf(path) is ".json" or ".jsonc" or ".csx";

    /// <summary>Reads one file and all that it names.</summary>
    /// <param name="path">The full path of a file that is there.</param>
    /// <param name="cancellation">Stops the compiler and the scripts.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Task<PipelineFileResult> ReadAsync(string path, CancellationToken cancellation) => ReadAsync(path, [], cancellation);

    private async Task<PipelineFileResult> ReadAsync(string path, ImmutableList<string> around, CancellationToken cancellation)
    {
        if (read.TryGetValue(path, out var known))
        {
            return known;
        }

        var isScript = EndingOf(path) == ".csx";
        var bytes = new FileInfo(path).Length;
        if ((isScript ? ScriptErrors.RefuseSize(shown(path), bytes, scripts.MaxCharacters) : DefinitionReader.RefuseSize(shown(path), bytes, scripts.Limits)) is { } tooLarge)
        {
            return read[path] = new PipelineFileResult { Diagnostics = [tooLarge] };
        }

        var includes = new Includes(this, around.Add(path), cancellation);
        var text = SourceText.FromBytes(shown(path), await File.ReadAllBytesAsync(path, cancellation));
        PipelineFileResult result;
        if (isScript)
        {
            result = await EvaluateAsync(text, includes, cancellation);
        }
        else
        {
            var json = await DefinitionReader.ReadAsync(text, scripts.Catalog, includes, scripts.Limits);
            result = new PipelineFileResult { Definition = json.Definition, Diagnostics = json.Diagnostics, Scripts = [.. includes.Scripts] };
        }

        return read[path] = result with { Scripts = [.. result.Scripts.DistinctBy(script => script.Hash)] };
    }

    private async Task<PipelineFileResult> EvaluateAsync(SourceText text, Includes includes, CancellationToken cancellation)
    {
        var script = await FrontEnd.EvaluateAsync(text, includes, cancellation);
        return new PipelineFileResult { Definition = script.Definition, Diagnostics = script.Diagnostics, Scripts = [script.Source, .. includes.Scripts] };
    }

    private static string EndingOf(string path) => Path.GetExtension(path).ToLowerInvariant();

    /// <summary>What one file names.</summary>
    /// <param name="files">All files.</param>
    /// <param name="chain">The files around it and itself, outermost first: whoever names one of them again would never end.</param>
    /// <param name="cancellation">Stops the reading.</param>
    private sealed class Includes(PipelineFiles files, ImmutableList<string> chain, CancellationToken cancellation) : IPipelineIncludes
    {
        public List<ScriptSource> Scripts { get; } = [];

        public async Task<PipelineDefinition> IncludeAsync(PipelineDefinition definition, SourceMap map, DiagnosticBag found, ISet<string> broken)
        {
            if (definition.Tasks.All(task => task.Pipeline is null))
            {
                return definition;
            }

            var tasks = ImmutableArray.CreateBuilder<TaskDefinition>(definition.Tasks.Length);
            var reported = new HashSet<string>(StringComparer.Ordinal);
            foreach (var task in definition.Tasks)
            {
                tasks.Add(await IncludeAsync(task, "", map, found, broken, reported));
            }

            return definition with { Tasks = tasks.MoveToImmutable() };
        }

        private async Task<TaskDefinition> IncludeAsync(TaskDefinition task, string root, SourceMap map, DiagnosticBag found, ISet<string> broken, HashSet<string> reported)
        {
            var place = SourceMap.Join($"{root}/tasks", task.Name.Value) + "/pipeline";
            switch (task.Pipeline)
            {
                case { Definition: { } inner } pipeline:
                    var tasks = ImmutableArray.CreateBuilder<TaskDefinition>(inner.Tasks.Length);
                    foreach (var one in inner.Tasks)
                    {
                        tasks.Add(await IncludeAsync(one, place, map, found, broken, reported));
                    }

                    return task with { Pipeline = pipeline with { Definition = inner with { Tasks = tasks.MoveToImmutable() } } };
                case { Path: { } path } pipeline:
                    var definition = await FindAsync(task, path, map.ValueOf(place), found, reported);
                    if (definition is null)
                    {
                        broken.Add(place);
                    }

                    return task with { Pipeline = pipeline with { Definition = definition } };
                default:
                    return task;
            }
        }

        private async Task<PipelineDefinition?> FindAsync(TaskDefinition task, string path, SourceSpan span, DiagnosticBag found, HashSet<string> reported)
        {
            var folder = Path.GetDirectoryName(chain[^1]) ?? "/";
            var full = Path.GetFullPath(Path.Combine(folder, path));
            if (!File.Exists(full) || !IsPipeline(full))
            {
                found.Add(Missing(task, path, full, folder, span));
                return null;
            }

            if (chain.IndexOf(full) is var first and >= 0)
            {
                var way = string.Join(" -> ", chain.Skip(first).Append(full).Select(files.NameOf));
                found.Add(DiagnosticCatalog.SubPipelineInItself.At(span, "comes back to itself", $"the pipeline of task \"{task.Name}\" contains itself: {way}", "Take the task out of one of these files; to repeat work over a list, use \"map\"."));
                return null;
            }

            try
            {
                var result = await files.ReadAsync(full, chain, cancellation);
                if (reported.Add(full))
                {
                    found.AddRange(result.Diagnostics);
                }

                Scripts.AddRange(result.Scripts);
                return result.Definition;
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                found.Add(DiagnosticCatalog.SubPipelineNotFound.At(span, "cannot be read", $"the pipeline of task \"{task.Name}\", {files.NameOf(full)}, cannot be read: {unreadable.Message}", "Give this program the right to read it."));
                return null;
            }
        }

        private Diagnostic Missing(TaskDefinition task, string path, string full, string folder, SourceSpan span)
        {
            if (File.Exists(full) || Directory.Exists(full))
            {
                return DiagnosticCatalog.SubPipelineNotFound.At(
                    span, "not a pipeline", $"the pipeline of task \"{task.Name}\" is \"{path}\", which is not a pipeline's file", "Pipelines are C# scripts (.csx) or JSON (.json).");
            }

            var beside = Directory.Exists(Path.GetDirectoryName(full)) ? Directory.EnumerateFiles(Path.GetDirectoryName(full) ?? folder).Where(IsPipeline).Take(1000).Select(file => Path.GetRelativePath(folder, file)).ToArray() : [];
            return DiagnosticCatalog.SubPipelineNotFound.At(
                span,
                "no such file",
                $"the pipeline of task \"{task.Name}\" is \"{path}\", and there is no file {files.NameOf(full)}",
                NearNames.Question(path, beside) ?? "A path is relative to the folder of the file that it stands in.",
                NearNames.FindAll(path, beside));
        }
    }

    private string NameOf(string path) => shown(path);
}
