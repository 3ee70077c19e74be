using System.Collections.Immutable;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>Makes the map of a task of its JSON.</summary>
internal static class MapBinder
{
    private const string Shape = "a text with an expression, or an object of named lists";

    public static MapDefinition? Bind(ObjectReader? reader, ReadContext context)
    {
        if (reader is null)
        {
            return null;
        }

        string? over = null;
        ImmutableArray<MapList> lists = [];
        switch (reader.Find("over"))
        {
            case null:
                reader.Require("over", "Add \"over\" with an expression that yields a list: \"tasks.list.files\".");
                break;
            case JsonTextSyntax text:
                over = text.Value;
                break;
            case JsonObjectSyntax named:
                lists = [.. Lists(reader, named.Members.Select((member, place) => (reader.At("over"), member)), context)];
                break;
            case JsonArraySyntax pairs when pairs.Items.Count > 0 && pairs.Items.All(item => item is JsonObjectSyntax { Members.Count: 1 }):
                // The form that keeps the order also where members are sorted: in the canonical form of a definition.
                lists = [.. Lists(reader, pairs.Items.Select((item, place) => (SourceMap.Join(reader.At("over"), place), ((JsonObjectSyntax)item).Members[0])), context)];
                break;
            case JsonArraySyntax literal:
                reader.Break("over");
                context.Found.Add(DiagnosticCatalog.WrongShape.At(
                    context.SpanOf(literal), $"not {Shape}", $"\"over\" should be {Shape} and is a list", "Write the list in quotes, as an expression: \"[1, 2, 3]\"; or give it a name: { \"number\": [1, 2, 3] }."));
                break;
            case var other:
                reader.Wrong<string>("over", other, Shape);
                break;
        }

        var map = new MapDefinition
        {
            Over = lists.IsEmpty ? over ?? "" : null,
            Lists = lists,
            Combine = reader.Word("combine", MapCombination.Product, Words.Kebab<MapCombination>()),
            Parallel = reader.Integer("parallel", minimum: 1),
        };
        reader.End();
        return map;
    }

    private static IEnumerable<MapList> Lists(ObjectReader reader, IEnumerable<(string Path, JsonMemberSyntax Member)> members, ReadContext context)
    {
        var any = false;
        foreach (var (path, member) in members)
        {
            any = true;
            if (ListOf(member, SourceMap.Join(path, member.Name), context) is { } list)
            {
                yield return new MapList(member.Name, list);
            }
            else
            {
                // One list less would be another product.
                reader.Break("over");
            }
        }

        if (!any)
        {
            reader.Break("over");
            context.Found.Add(DiagnosticCatalog.MapWithoutLists.At(context.SpanOf(reader.Value.Find("over")!.Value), "no list in it", "\"over\" names no list", "Name at least one: { \"region\": \"params.regions\" }."));
        }
    }

    /// <summary>A list as an expression; null when it is none.</summary>
    private static string? ListOf(JsonMemberSyntax member, string path, ReadContext context)
    {
        switch (member.Value)
        {
            case JsonTextSyntax { IsBroken: false } text:
                return text.Value;
            case JsonArraySyntax { IsBroken: false } literal when !context.SpanOf(literal).Text.Contains("${", StringComparison.Ordinal):
                // JSON is an expression of JavaScript.
                return literal.ToElement().GetRawText();
            case var other:
                context.Broken.Add(path);
                if (!other.IsBroken)
                {
                    context.Found.Add(DiagnosticCatalog.WrongShape.At(
                        context.SpanOf(other), "not a list", $"list \"{member.Name}\" should be a text with an expression, or a list of values, and is {(other is JsonArraySyntax ? "a list with expressions in it" : other.Kind)}",
                        other is JsonArraySyntax ? "Write all of it as one expression: \"[params.first, 'second']\"." : null));
                }

                return null;
        }
    }
}
