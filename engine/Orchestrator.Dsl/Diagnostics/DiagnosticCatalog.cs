using System.Collections.Immutable;
using System.Reflection;

namespace Orchestrator.Dsl.Diagnostics;

/// <summary>
/// Every code that the language can report, each once; a page for each is in <c>docs/</c>, and <c>docs/RELEASES.md</c> says since when it exists.
/// 1xxx syntax, 2xxx graph, 3xxx types, parameters and inputs, 4xxx script.
/// </summary>
public static partial class DiagnosticCatalog
{
    /// <summary>In order of code.</summary>
    public static ImmutableArray<DiagnosticRule> All => Known.Rules;

    public static DiagnosticRule? Find(string code) => All.FirstOrDefault(rule => rule.Code == code);

    // In a class of its own, since the order in which static members of several files are made is nobody's promise.
    private static class Known
    {
        public static readonly ImmutableArray<DiagnosticRule> Rules =
        [
            .. typeof(DiagnosticCatalog).GetProperties(BindingFlags.Public | BindingFlags.Static)
                .Where(property => property.PropertyType == typeof(DiagnosticRule))
                .Select(property => property.GetValue(null)).OfType<DiagnosticRule>()
                .OrderBy(rule => rule.Code, StringComparer.Ordinal),
        ];
    }
}
