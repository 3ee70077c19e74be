using System.Collections.Immutable;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Authoring;
using Orchestrator.Dsl.Scripting.Compilation;
using Orchestrator.Dsl.Scripting.Evaluation;
using Orchestrator.Dsl.Validation;

namespace Orchestrator.Dsl.Scripting;

/// <summary>Makes definitions of C# scripts: compiles, evaluates, checks. How to write one is in <c>docs/scripts.md</c>.</summary>
public sealed class ScriptFrontEnd
{
    private readonly ScriptEnvironment environment;
    private readonly ScriptLibrary library;

    public ScriptFrontEnd(ScriptEnvironment environment)
    {
        this.environment = environment;
        library = new ScriptLibrary(environment);
    }

    /// <summary>Evaluates a script once. Keep a <see cref="ScriptFrontEnd"/> for several.</summary>
    /// <inheritdoc cref="EvaluateAsync(string, CancellationToken)"/>
    public static Task<ScriptResult> EvaluateAsync(string path, ScriptEnvironment environment, CancellationToken cancellation) =>
        new ScriptFrontEnd(environment).EvaluateAsync(path, cancellation);

    /// <summary>Evaluates a script file.</summary>
    /// <param name="path">As messages should show it.</param>
    /// <param name="cancellation">Stops the compiler and the script.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<ScriptResult> EvaluateAsync(string path, CancellationToken cancellation)
    {
        if (ScriptErrors.RefuseSize(path, new FileInfo(path).Length, environment.MaxCharacters) is { } tooLarge)
        {
            return new ScriptResult { Source = ScriptSource.Of(new SourceText(path, "")), Diagnostics = [tooLarge] };
        }

        return await EvaluateAsync(SourceText.FromBytes(path, await File.ReadAllBytesAsync(path, cancellation)), cancellation);
    }

    /// <summary>Evaluates a script that is in memory.</summary>
    public Task<ScriptResult> EvaluateAsync(SourceText text, CancellationToken cancellation) => EvaluateAsync(text, includes: null, cancellation);

    /// <summary>The same, with the files that the script names.</summary>
    internal async Task<ScriptResult> EvaluateAsync(SourceText text, IPipelineIncludes? includes, CancellationToken cancellation)
    {
        var source = ScriptSource.Of(text);
        if (Unreadable(text, source) is { } unreadable)
        {
            return new ScriptResult { Source = source, Diagnostics = [unreadable] };
        }

        var (compiled, fromCache, errors) = await library.GetAsync(source, typeof(PipelineScript), cancellation);
        if (compiled is null)
        {
            // Of a script without a statement the compiler makes nothing, and says nothing either.
            var end = source.Source.Span(source.Text.Length, source.Text.Length);
            return new ScriptResult { Source = source, Diagnostics = errors.IsEmpty ? [ScriptErrors.ReturnsNothing(end, [])] : errors };
        }

        using var loaded = new LoadedScript(compiled);
        var run = new ScriptRun(source, compiled, loaded, environment);
        var first = await run.EvaluateAsync(cancellation);
        // What is in the cache has been found deterministic before.
        if (first.Definition is not null && !first.Findings.Any(finding => finding.IsError) && !fromCache)
        {
            var second = await run.EvaluateAsync(cancellation);
            if (Determinism.Compare(first, second, compiled.Map) is { } different)
            {
                return new ScriptResult { Source = source, Diagnostics = [different] };
            }

            library.Keep(source, typeof(PipelineScript), compiled);
        }

        return await CheckAsync(source, compiled, first, includes) with { FromCache = fromCache };
    }

    private Diagnostic? Unreadable(SourceText text, ScriptSource source) =>
        source.Text.Length > environment.MaxCharacters ? ScriptErrors.TooLarge(source.Source, source.Text.Length, environment.MaxCharacters)
        : text.FirstBadByte is { } bad ? ScriptErrors.BadEncoding(source.Source, bad)
        : null;

    /// <summary>The checks that every front end shares, with the script's own findings.</summary>
    private async Task<ScriptResult> CheckAsync(ScriptSource source, CompiledScript compiled, Evaluated evaluated, IPipelineIncludes? includes)
    {
        var found = new DiagnosticBag();
        found.AddRange(evaluated.Findings);
        found.AddRange(compiled.Map.Unsteady.Select(call => ScriptErrors.UnsteadyCall(source.Source.Span(call.Range.Start, call.Range.End), call.What, call.Instead)));
        if (evaluated is not { Definition: { } definition, Places: { } places })
        {
            return new ScriptResult { Source = source, Diagnostics = found.ToSorted() };
        }

        var broken = new HashSet<string>(StringComparer.Ordinal);
        definition = includes is null ? definition : await includes.IncludeAsync(definition, places, found, broken);
        var checks = DefinitionValidator.Validate(definition, environment.Catalog, places, environment.Limits, broken);
        // A step whose reads are not known may be what a parameter is for.
        var inDoubt = evaluated.Findings.Any(finding => finding.Code == DiagnosticCatalog.ScriptStepUntraced.Code);
        found.AddRange(checks.Where(finding => !inDoubt || finding.Code != DiagnosticCatalog.UnusedParameter.Code));
        return new ScriptResult
        {
            Source = source,
            Definition = found.HasErrors ? null : DefinitionNormalizer.Normalize(definition, environment.Catalog),
            Diagnostics = found.ToSorted(),
        };
    }
}
