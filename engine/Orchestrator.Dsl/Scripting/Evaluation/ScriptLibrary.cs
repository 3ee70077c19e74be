using System.Collections.Immutable;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Compilation;

namespace Orchestrator.Dsl.Scripting.Evaluation;

/// <summary>Compiled scripts: from the cache when it has them, from the compiler otherwise.</summary>
internal sealed class ScriptLibrary(ScriptEnvironment environment)
{
    private readonly ScriptReferences references = new(environment);
    private readonly ScriptCache? cache = environment.CacheDirectory is { } directory ? new ScriptCache(directory) : null;
    private string? identity;

    /// <summary>The compiled script, or the compiler's findings.</summary>
    /// <param name="source">The script.</param>
    /// <param name="inScope">The class whose members it calls by bare name.</param>
    public async Task<(CompiledScript? Script, bool FromCache, ImmutableArray<Diagnostic> Findings)> GetAsync(ScriptSource source, Type inScope, CancellationToken cancellation)
    {
        if (cache?.TryRead(KeyOf(source, inScope)) is { } kept)
        {
            return (kept, true, []);
        }

        environment.CompilerStarting?.Invoke(source.Name);
        // On another thread, since the compiler keeps its own busy for a second.
        var (script, findings) = await Task.Run(() => new ScriptCompiler(references).Compile(source, inScope, cancellation), cancellation);
        return (script, false, findings);
    }

    /// <summary>Keeps a script for later. Only one that was found good: what is in the cache is not questioned again.</summary>
    public void Keep(ScriptSource source, Type inScope, CompiledScript script) => cache?.TryWrite(KeyOf(source, inScope), script);

    private string KeyOf(ScriptSource source, Type inScope) => ScriptCache.KeyOf(inScope.Name, source.Hash, identity ??= references.Identity());
}
