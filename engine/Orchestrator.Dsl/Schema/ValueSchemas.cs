using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Validation;

namespace Orchestrator.Dsl.Schema;

/// <summary>Schemas of input values. Records become definitions, each once; where a value stands a text with <c>${ … }</c> may stand too.</summary>
internal sealed class ValueSchemas(ActivityCatalog catalog)
{
    private readonly Dictionary<Type, string> names = [];

    public JsonObject Definitions { get; } = new()
    {
        ["expression"] = new JsonObject { ["description"] = "A text with an expression: ${tasks.NAME.OUTPUT}, ${params.NAME}.", ["type"] = "string", ["pattern"] = @"\$\{" },
    };

    /// <summary>The schema of an activity's <c>with</c>.</summary>
    public JsonObject WithOf(ActivityDescriptor activity)
    {
        var required = activity.Inputs.Where(input => input.Required).Select(input => input.Name).ToList();
        var schema = new JsonObject
        {
            ["description"] = activity.Summary,
            ["type"] = "object",
            ["properties"] = new JsonObject(activity.Inputs.Select(input => KeyValuePair.Create(input.Name, (JsonNode?)Of(input)))),
            ["additionalProperties"] = false,
        };
        if (required.Count > 0)
        {
            schema["required"] = PipelineSchema.Strings(required);
        }

        return schema;
    }

    private JsonObject Of(InputDescriptor input)
    {
        var schema = Of(input.ValueType, input);
        var about = string.Join(" ", new[] { input.Help, input.Unit is { } unit ? $"Unit: {unit}." : null }.OfType<string>());
        schema = PipelineSchema.Described(schema, about.Length > 0 ? about : input.Title);
        if (input.Default is { } usual)
        {
            schema["default"] = JsonNode.Parse(usual.GetRawText());
        }

        return schema;
    }

    private JsonObject Of(Type type, InputDescriptor? input = null)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (ValueTypes.IsJson(type))
        {
            return [];
        }

        if (type == typeof(string))
        {
            return input is { Choices.Length: > 0 } ? OrExpression(new JsonObject { ["enum"] = PipelineSchema.Strings(input.Choices) }) : new JsonObject { ["type"] = "string" };
        }

        return OrExpression(ValueTypes.ItemOf(type) is { } item ? new JsonObject { ["type"] = "array", ["items"] = Of(item, input) } : OfLiteral(type, input));
    }

    private JsonObject OfLiteral(Type type, InputDescriptor? input)
    {
        if (type == typeof(bool))
        {
            return new JsonObject { ["type"] = "boolean" };
        }

        if (ValueTypes.IsNumber(type))
        {
            return Number(type, input);
        }

        if (type == typeof(TimeSpan))
        {
            return PipelineSchema.Ref("duration");
        }

        if (type.IsEnum)
        {
            return new JsonObject { ["enum"] = PipelineSchema.Strings(Enum.GetNames(type).Select(JsonNamingPolicy.KebabCaseLower.ConvertName).Where(word => word != "unknown")) };
        }

        return PipelineSchema.Ref(Define(type));
    }

    private static JsonObject Number(Type type, InputDescriptor? input)
    {
        var schema = new JsonObject { ["type"] = ValueTypes.IsInteger(type) ? "integer" : "number" };
        if (input?.Minimum is { } low)
        {
            schema["minimum"] = low;
        }

        if (input?.Maximum is { } high)
        {
            schema["maximum"] = high;
        }

        return schema;
    }

    /// <summary>The name of the definition of a record; made when it is first asked for, so that a record may hold itself.</summary>
    private string Define(Type type)
    {
        if (names.TryGetValue(type, out var known))
        {
            return known;
        }

        var name = $"value-{NameOf(type)}";
        for (var again = 2; Definitions.ContainsKey(name); again++)
        {
            name = $"value-{NameOf(type)}-{again}";
        }

        names[type] = name;
        Definitions[name] = new JsonObject();
        Definitions[name] = OfRecord(type);
        return name;
    }

    private JsonObject OfRecord(Type type)
    {
        if (type == typeof(ActivityTemplate))
        {
            return OfActivity();
        }

        if (ValueChecks.SchemeOf(type) is { } scheme)
        {
            return new JsonObject
            {
                ["description"] = $"A reference by name, or an output of a task.",
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["type"] = "string", ["pattern"] = $"^{scheme}:/[^/@]+[@/][^/@]+$", ["examples"] = new JsonArray($"{scheme}:/NAME@ALIAS") },
                    OfContract(OrcJson.Options.GetTypeInfo(type))),
            };
        }

        var contract = OrcJson.Options.GetTypeInfo(type);
        return contract.PolymorphismOptions is { DerivedTypes.Count: > 0 } union
            ? new JsonObject { ["anyOf"] = new JsonArray([.. union.DerivedTypes.Select(derived => OfContract(OrcJson.Options.GetTypeInfo(derived.DerivedType), union.TypeDiscriminatorPropertyName, derived.TypeDiscriminator?.ToString()))]) }
            : OfContract(contract);
    }

    private JsonObject OfContract(JsonTypeInfo contract, string? discriminator = null, string? kind = null)
    {
        switch (contract.Kind)
        {
            case JsonTypeInfoKind.Dictionary when contract.ElementType is { } element:
                return new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(element) };
            case JsonTypeInfoKind.Enumerable when contract.ElementType is { } element:
                return new JsonObject { ["type"] = "array", ["items"] = Of(element) };
            case not JsonTypeInfoKind.Object:
                // A converter reads it; only it knows what is legal. Without a word from it, anything is.
                return typeof(ISchemaValue).IsAssignableFrom(contract.Type) && contract.Type.GetProperty(nameof(ISchemaValue.Schema), BindingFlags.Public | BindingFlags.Static)?.GetValue(null) is JsonObject said ? said : [];
        }

        var members = ValueChecks.MembersOf(contract).ToList();
        var properties = new JsonObject(members.Select(member => KeyValuePair.Create(member.Name, (JsonNode?)OrNull(Of(member.PropertyType), member))));
        var required = members.Where(member => member.IsRequired).Select(member => member.Name).ToList();
        if (discriminator is not null)
        {
            properties.Insert(0, discriminator, new JsonObject { ["enum"] = new JsonArray(kind) });
            required.Insert(0, discriminator);
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0)
        {
            schema["required"] = PipelineSchema.Strings(required);
        }

        return schema;
    }

    private static JsonObject OrNull(JsonObject schema, JsonPropertyInfo member) =>
        member.IsSetNullable && !member.IsRequired && schema.Count > 0 ? new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) } : schema;

    private JsonObject OfActivity() => new()
    {
        ["description"] = "An activity with its inputs.",
        ["type"] = "object",
        ["required"] = new JsonArray("uses"),
        ["properties"] = new JsonObject { ["uses"] = new JsonObject { ["enum"] = PipelineSchema.Strings(catalog.Activities.Select(activity => activity.Type)) }, ["with"] = new JsonObject { ["type"] = "object" } },
        ["additionalProperties"] = false,
        ["allOf"] = PipelineSchema.Cases(catalog.Activities),
    };

    private static JsonObject OrExpression(JsonObject schema) => new() { ["anyOf"] = new JsonArray(schema, PipelineSchema.Ref("expression")) };

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}-{string.Join('-', type.GetGenericArguments().Select(NameOf))}"
        : type.Name;
}
