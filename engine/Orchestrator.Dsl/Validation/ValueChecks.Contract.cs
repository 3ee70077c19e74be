using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <content>Values that are records: their shape is what the serializer would read.</content>
internal sealed partial class ValueChecks
{
    private void CheckByContract(string path, JsonElement value, Type type, string subject)
    {
        if (value.ValueKind == JsonValueKind.String && SchemeOf(type) is { } scheme)
        {
            CheckReference(path, value.GetString() ?? "", scheme, subject);
            return;
        }

        var contract = OrcJson.Options.GetTypeInfo(type);
        switch (contract.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(path, value, contract, subject);
                break;
            case JsonTypeInfoKind.Dictionary:
                CheckDictionary(path, value, contract, subject);
                break;
            case JsonTypeInfoKind.Enumerable when contract.ElementType is { } item:
                CheckList(path, value, item, subject, type);
                break;
            default:
                inputs.CheckExpressionsOnly(path, value);
                break;
        }
    }

    private void CheckReference(string path, string text, string scheme, string subject)
    {
        var lead = $"{scheme}:/";
        if (text.StartsWith(lead, StringComparison.Ordinal) && ReferenceRest().IsMatch(text[lead.Length..]))
        {
            return;
        }

        var wrongScheme = !text.StartsWith(lead, StringComparison.Ordinal);
        context.Add(DiagnosticCatalog.BadReference.At(
            context.Map.ValueOf(path),
            wrongScheme ? $"does not start with {lead}" : "no name with an alias or version",
            $"{subject} is \"{ParameterValues.Shorten(text)}\", which is not a reference to {ValueTypes.NameOf(input.ValueType)}",
            $"Write {lead}NAME@ALIAS or {lead}NAME/VERSION, or an output: ${{tasks.NAME.OUTPUT}}."));
    }

    private void CheckObject(string path, JsonElement value, JsonTypeInfo contract, string subject)
    {
        var type = contract.Type;
        if (!Expect(path, value, value.ValueKind == JsonValueKind.Object, ValueTypes.NameOf(type), subject))
        {
            return;
        }

        string? discriminator = null;
        if (contract.PolymorphismOptions is { DerivedTypes.Count: > 0 } union)
        {
            discriminator = union.TypeDiscriminatorPropertyName;
            if (FindKind(path, value, union, subject) is not { } derived)
            {
                return;
            }

            contract = OrcJson.Options.GetTypeInfo(derived);
        }

        CheckMembers(path, value, contract, discriminator, subject);
        CheckItself(path, value, contract.Type, subject);
    }

    private Type? FindKind(string path, JsonElement value, JsonPolymorphismOptions union, string subject)
    {
        var name = union.TypeDiscriminatorPropertyName;
        var kinds = union.DerivedTypes.Select(derived => derived.TypeDiscriminator?.ToString() ?? "").ToList();
        if (!value.TryGetProperty(name, out var kind))
        {
            context.Add(DiagnosticCatalog.MissingMember.At(
                context.Map.ValueOf(path), $"no \"{name}\"", $"{subject} has no \"{name}\"", $"Add \"{name}\": {Reading.Words.Or(kinds)}."));
            return null;
        }

        var index = kind.ValueKind == JsonValueKind.String ? kinds.IndexOf(kind.GetString() ?? "") : -1;
        if (index < 0)
        {
            AddNotAChoice(SourceMap.Join(path, name), kind, kinds, $"\"{name}\" of {subject}");
            return null;
        }

        return union.DerivedTypes[index].DerivedType;
    }

    private void CheckMembers(string path, JsonElement value, JsonTypeInfo contract, string? discriminator, string subject)
    {
        var legal = MembersOf(contract).ToDictionary(property => property.Name, StringComparer.Ordinal);
        var probably = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject().Where(member => member.Name != discriminator))
        {
            var place = SourceMap.Join(path, member.Name);
            if (!legal.TryGetValue(member.Name, out var property))
            {
                probably.UnionWith(AddUnknownMember(place, member.Name, [.. legal.Keys, .. discriminator is null ? Array.Empty<string>() : [discriminator]], subject));
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                Check(place, member.Value, property.PropertyType, $"\"{member.Name}\" of {subject}");
            }
        }

        foreach (var property in legal.Values.Where(property => property.IsRequired && !probably.Contains(property.Name) && !value.TryGetProperty(property.Name, out _)))
        {
            AddMissingMember(path, property.Name, subject);
        }
    }

    /// <summary>The members that a value may have when it is read.</summary>
    internal static IEnumerable<JsonPropertyInfo> MembersOf(JsonTypeInfo contract) =>
        contract.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null);

    private void CheckDictionary(string path, JsonElement value, JsonTypeInfo contract, string subject)
    {
        if (!Expect(path, value, value.ValueKind == JsonValueKind.Object, "object", subject) || contract.ElementType is not { } element)
        {
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            Check(SourceMap.Join(path, member.Name), member.Value, element, $"\"{member.Name}\" of {subject}");
        }
    }

    /// <summary>Lets the value say what is wrong with it.</summary>
    private void CheckItself(string path, JsonElement value, Type type, string subject)
    {
        if (!typeof(ICheckedValue).IsAssignableFrom(type) || Templates.HasExpression(value))
        {
            return;
        }

        ICheckedValue? read;
        try
        {
            read = value.Deserialize(type, OrcJson.Options) as ICheckedValue;
        }
        catch (JsonException)
        {
            // Reported where the whole input is read.
            return;
        }

        foreach (var problem in read?.Check() ?? [])
        {
            context.Add(DiagnosticCatalog.CheckFailed.At(
                context.Map.ValueOf(path + PointerOf(problem.Path)), "makes no sense", $"{subject}: {problem.Message}", problem.Help));
        }
    }

    private void TryRead(string path, JsonElement value, Type type, string subject)
    {
        try
        {
            _ = value.Deserialize(type, OrcJson.Options);
        }
        catch (JsonException wrong)
        {
            context.Add(DiagnosticCatalog.UnreadableValue.At(
                context.Map.ValueOf(path + PointerOf(wrong.Path?.TrimStart('$') ?? "")),
                "cannot be read",
                $"{subject} cannot be read as {ValueTypes.NameOf(type)}: {WithoutPosition(wrong.Message)}"));
        }
    }

    private IReadOnlyList<string> AddUnknownMember(string place, string name, IReadOnlyList<string> legal, string subject)
    {
        var near = NearNames.FindAll(name, legal);
        context.Add(DiagnosticCatalog.UnknownMember.At(
            context.Map.NameOf(place),
            "unknown member",
            $"{subject} has no member \"{ParameterValues.Shorten(name)}\"",
            NearNames.Question(name, legal) ?? $"Its members are {string.Join(", ", legal)}.",
            near));
        return near;
    }

    private void AddMissingMember(string path, string name, string subject) =>
        context.Add(DiagnosticCatalog.MissingMember.At(context.Map.ValueOf(path), $"no \"{name}\"", $"{subject} has no \"{name}\"", $"Add \"{name}\"."));

    /// <summary><c>[2].between</c> as <c>/2/between</c>.</summary>
    private static string PointerOf(string path) =>
        string.Concat(PathStep().Matches(path).Select(match => SourceMap.Join("", match.Groups["step"].Value)));

    // The serializer adds its own path and line, which are those of the value and not of the file.
    private static string WithoutPosition(string message) => message.IndexOf(" Path: $", StringComparison.Ordinal) is > 0 and var at ? message[..at].TrimEnd('.') : message.TrimEnd('.');

    [GeneratedRegex(@"\['(?<step>[^']*)'\]|\[(?<step>\d+)\]|\.?(?<step>[^.\[\]]+)", RegexOptions.CultureInvariant)]
    private static partial Regex PathStep();
}
