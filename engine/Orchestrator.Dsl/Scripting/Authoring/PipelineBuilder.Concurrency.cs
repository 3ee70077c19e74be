using System.Runtime.CompilerServices;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <content>How many runs may go on at once.</content>
public sealed partial class PipelineBuilder
{
    private ConcurrencyDefinition? concurrency;

    /// <summary>How many runs may go on at once, and what happens to one more.</summary>
    /// <param name="key">Counts runs with the same key apart from others; null: all runs of the pipeline.</param>
    /// <param name="limit">How many, ≥ 1.</param>
    /// <param name="overlap">What happens when there is no room.</param>
    /// <param name="scope">Who shares the key.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public PipelineBuilder Concurrency(
        string? key = null, int limit = 1, Overlap overlap = Overlap.QueueAll, ConcurrencyScope scope = ConcurrencyScope.Pipeline, [CallerLineNumber] int line = 0) =>
        Limit(key?.Replace("${", "$${", StringComparison.Ordinal), limit, overlap, scope, line);

    /// <inheritdoc cref="Concurrency(string?, int, Overlap, ConcurrencyScope, int)"/>
    public PipelineBuilder Concurrency(
        Expr key, int limit = 1, Overlap overlap = Overlap.QueueAll, ConcurrencyScope scope = ConcurrencyScope.Pipeline, [CallerLineNumber] int line = 0) =>
        Limit(Templates.Whole(key.Text), limit, overlap, scope, line);

    /// <inheritdoc cref="Concurrency(string?, int, Overlap, ConcurrencyScope, int)"/>
    public PipelineBuilder Concurrency(
        TextTemplate key, int limit = 1, Overlap overlap = Overlap.QueueAll, ConcurrencyScope scope = ConcurrencyScope.Pipeline, [CallerLineNumber] int line = 0) =>
        Limit(key.Text, limit, overlap, scope, line);

    private PipelineBuilder Limit(string? key, int limit, Overlap overlap, ConcurrencyScope scope, int line)
    {
        Places.Add(new CallPlace(nameof(Concurrency), line));
        concurrency = new ConcurrencyDefinition { Key = key, Limit = limit, Overlap = overlap, Scope = scope };
        return this;
    }
}
