using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Coordination;

/// <summary>Turns the textual references among a task's inputs (<c>models:/churn@champion</c>) into the values they stand for at this moment.</summary>
public sealed class InputResolver(ActivityCatalog catalog, IEnumerable<IReferenceResolver> resolvers)
{
    private readonly Dictionary<string, IReferenceResolver> byScheme = resolvers.ToDictionary(resolver => resolver.Scheme, StringComparer.Ordinal);

    /// <summary>The inputs with every reference resolved. One that names nothing is left out when the input is optional.</summary>
    /// <exception cref="ActivityException">A required input refers to something that does not exist (ORC5005), or a reference is not well formed.</exception>
    public async Task<ImmutableSortedDictionary<string, JsonElement>> ResolveAsync(
        ActivityDescriptor activity, IEnumerable<KeyValuePair<string, JsonElement>> inputs, CancellationToken cancellation)
    {
        var resolved = ImmutableSortedDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in inputs)
        {
            var input = activity.FindInput(name);
            if (input is null || value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            {
                resolved[name] = value;
            }
            else if (input.ValueType == typeof(ActivityTemplate))
            {
                resolved[name] = await ResolveTemplateAsync(value, cancellation);
            }
            else if (SchemeOf(input.ValueType) is { } scheme && value.ValueKind == JsonValueKind.String)
            {
                if (await ResolveOneAsync(activity, input, scheme, value.GetString() ?? "", cancellation) is { } found)
                {
                    resolved[name] = found;
                }
            }
            else
            {
                resolved[name] = value;
            }
        }

        return resolved.ToImmutable();
    }

    private async Task<JsonElement?> ResolveOneAsync(ActivityDescriptor activity, InputDescriptor input, string scheme, string reference, CancellationToken cancellation)
    {
        if (!byScheme.TryGetValue(scheme, out var resolver))
        {
            throw new ActivityException("ORC5006", $"input \"{input.Name}\" of {activity.Type}: nothing in this program resolves {scheme}: references");
        }

        var found = await resolver.ResolveAsync(reference, cancellation);
        return found is null && input.Required
            ? throw new ActivityException(
                "ORC5005",
                $"input \"{input.Name}\" of {activity.Type} refers to {reference}, which does not exist",
                why: "the input is required, so there is nothing to run with",
                help: $"Check the name; `orc {scheme} list` shows what there is.")
            : found;
    }

    private async Task<JsonElement> ResolveTemplateAsync(JsonElement value, CancellationToken cancellation)
    {
        if (value.ValueKind != JsonValueKind.Object || JsonSerializer.Deserialize<ActivityTemplate>(value, OrcJson.Options) is not { } template || catalog.Find(template.Uses) is not { } inner)
        {
            return value;
        }

        var with = await ResolveAsync(inner, template.With, cancellation);
        return OrcJson.ToElement(template with { With = with.ToDictionary() });
    }

    /// <summary>True for inputs whose texts may have to be looked up.</summary>
    internal static bool IsReference(Type type) => type == typeof(ActivityTemplate) || typeof(INamedReference).IsAssignableFrom(type);

    private static string? SchemeOf(Type type) => !typeof(INamedReference).IsAssignableFrom(type)
        ? null
        : (string?)type.GetProperty(nameof(INamedReference.Scheme), System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)?.GetValue(null);
}
