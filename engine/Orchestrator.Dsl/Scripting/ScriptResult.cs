using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Scripting;

/// <summary>What a script came to.</summary>
public sealed record ScriptResult
{
    /// <summary>The definition in its normal form; null when there are errors.</summary>
    public PipelineDefinition? Definition { get; init; }

    /// <summary>Everything that was found, in the order of the text.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>The script, to be kept as an artifact with the definition: steps written in place are run from it.</summary>
    public required ScriptSource Source { get; init; }

    /// <summary>True when the compiler was not needed.</summary>
    public bool FromCache { get; init; }

    public bool HasErrors => Diagnostics.Any(diagnostic => diagnostic.IsError);
}
