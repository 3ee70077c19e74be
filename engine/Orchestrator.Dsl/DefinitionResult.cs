using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl;

/// <summary>What a front end made of a text.</summary>
public sealed record DefinitionResult
{
    /// <summary>The definition in its normal form; null when there are errors.</summary>
    public PipelineDefinition? Definition { get; init; }

    /// <summary>Everything that was found, in the order of the text. Without errors it may still hold warnings.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    public bool HasErrors => Diagnostics.Any(diagnostic => diagnostic.IsError);
}
