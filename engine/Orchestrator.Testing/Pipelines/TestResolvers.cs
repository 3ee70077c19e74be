using System.Reflection;
using System.Text.Json;
using Orchestrator.Core.Activities;

namespace Orchestrator.Testing.Pipelines;

/// <summary>Textual references as a test wants them: those it names have a value, and all others name nothing.</summary>
internal sealed class TestResolver(string scheme, IReadOnlyDictionary<string, JsonElement> known) : IReferenceResolver
{
    public string Scheme => scheme;

    /// <summary>One for every scheme that an input of the catalog takes.</summary>
    public static IEnumerable<IReferenceResolver> Of(ActivityCatalog catalog, IReadOnlyDictionary<string, JsonElement> known) => catalog.Activities
        .SelectMany(activity => activity.Inputs)
        .Where(input => typeof(INamedReference).IsAssignableFrom(input.ValueType))
        .Select(input => input.ValueType.GetProperty(nameof(INamedReference.Scheme), BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
        .OfType<string>()
        .Distinct()
        .Select(scheme => new TestResolver(scheme, known));

    public Task<JsonElement?> ResolveAsync(string reference, CancellationToken cancellation) =>
        Task.FromResult<JsonElement?>(known.TryGetValue(reference, out var value) ? value : null);
}
