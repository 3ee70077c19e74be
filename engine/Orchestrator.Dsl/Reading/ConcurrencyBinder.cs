using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Reading;

/// <summary>Makes the limit of runs of its JSON.</summary>
internal static class ConcurrencyBinder
{
    public static ConcurrencyDefinition? Bind(ObjectReader? reader)
    {
        if (reader is null)
        {
            return null;
        }

        var usual = new ConcurrencyDefinition();
        var concurrency = new ConcurrencyDefinition
        {
            Key = reader.Text("key"),
            Limit = reader.Integer("limit", minimum: 1) ?? usual.Limit,
            Overlap = reader.Word("overlap", usual.Overlap, Words.Overlaps),
            Scope = reader.Word("scope", usual.Scope, Words.Kebab<ConcurrencyScope>()),
        };
        reader.End();
        return concurrency;
    }
}
