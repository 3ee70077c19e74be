using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>Reads the members of one object of the pipeline format. What is asked for is legal; <see cref="End"/> reports the rest.</summary>
/// <param name="value">The object.</param>
/// <param name="path">Its JSON pointer.</param>
/// <param name="what">What it is, with its article: <c>a task</c>.</param>
/// <param name="home">Where to say that something is missing in it.</param>
/// <param name="context">Shared by the file.</param>
internal sealed class ObjectReader(JsonObjectSyntax value, string path, string what, SourceSpan home, ReadContext context)
{
    private readonly List<string> legal = [];

    public string Path => path;

    public JsonObjectSyntax Value => value;

    public ReadContext Context => context;

    /// <summary>The member's value; null when it is absent, null or unreadable.</summary>
    public JsonSyntax? Find(string name)
    {
        legal.Add(name);
        if (value.Find(name) is not { } member || member.Value is JsonWordSyntax { Value: null })
        {
            return null;
        }

        if (member.Value is JsonBrokenSyntax || (member.Value is JsonTextSyntax && member.Value.IsBroken))
        {
            Break(name);
            return null;
        }

        return member.Value;
    }

    public string? Text(string name, string shape = "a text") => Find(name) switch
    {
        null => null,
        JsonTextSyntax text => text.Value,
        var other => Wrong<string>(name, other, shape),
    };

    public string? RequiredText(string name, string help)
    {
        var text = Text(name);
        if (text is null)
        {
            Require(name, help);
        }

        return text;
    }

    /// <summary>Reports a member that is not there, unless it is there and wrong.</summary>
    public void Require(string name, string help)
    {
        if (context.Broken.Add(At(name)))
        {
            context.Found.Add(DiagnosticCatalog.MissingProperty.At(home, $"no \"{name}\"", $"{what} has no \"{name}\"", help));
        }
    }

    public bool Boolean(string name) => Find(name) switch
    {
        null => false,
        JsonWordSyntax { Value: { } truth } => truth,
        var other => Wrong<bool?>(name, other, "true or false") ?? false,
    };

    public bool? OptionalBoolean(string name) => Find(name) switch
    {
        null => null,
        JsonWordSyntax { Value: { } truth } => truth,
        var other => Wrong<bool?>(name, other, "true or false"),
    };

    public double? Number(string name) => Find(name) switch
    {
        null => null,
        JsonNumberSyntax number => double.Parse(number.Raw, CultureInfo.InvariantCulture),
        var other => Wrong<double?>(name, other, "a number"),
    };

    public int? Integer(string name, int minimum = int.MinValue, int maximum = int.MaxValue)
    {
        if (Find(name) is not { } found)
        {
            return null;
        }

        if (found is not JsonNumberSyntax number || !double.TryParse(number.Raw, CultureInfo.InvariantCulture, out var parsed) || !double.IsInteger(parsed) || Math.Abs(parsed) > int.MaxValue)
        {
            return Wrong<int?>(name, found, "a whole number");
        }

        if (parsed < minimum || parsed > maximum)
        {
            Break(name);
            var bounds = maximum == int.MaxValue ? $"at least {minimum}" : $"from {minimum} to {maximum}";
            context.Found.Add(DiagnosticCatalog.BadSetting.At(context.SpanOf(found), "out of bounds", $"\"{name}\" is {number.Raw} and should be {bounds}", $"Write a whole number, {bounds}, or leave \"{name}\" out."));
            return null;
        }

        return (int)parsed;
    }

    public TimeSpan? Duration(string name)
    {
        if (Find(name) is not { } found)
        {
            return null;
        }

        if (found is JsonTextSyntax text && Durations.TryParse(text.Value, out var duration))
        {
            return duration;
        }

        Break(name);
        var shown = found is JsonTextSyntax ? $"\"{((JsonTextSyntax)found).Value}\"" : context.SpanOf(found).Text;
        context.Found.Add(DiagnosticCatalog.BadDuration.At(
            context.SpanOf(found),
            "not a duration",
            $"\"{name}\" is {Shorten(shown)}, which is not a duration",
            found is JsonNumberSyntax number ? $"Write the unit too: \"{number.Raw}s\" for seconds, \"{number.Raw}m\" for minutes." : "Write for example \"30s\", \"5m\" or \"1h30m\"."));
        return null;
    }

    /// <summary>A size in bytes.</summary>
    public long? Size(string name)
    {
        if (Find(name) is not { } found)
        {
            return null;
        }

        if (found is JsonTextSyntax text && Sizes.TryParse(text.Value, out var bytes))
        {
            return bytes;
        }

        Break(name);
        var shown = found is JsonTextSyntax ? $"\"{((JsonTextSyntax)found).Value}\"" : context.SpanOf(found).Text;
        context.Found.Add(DiagnosticCatalog.BadSize.At(
            context.SpanOf(found),
            "not a size",
            $"\"{name}\" is {Shorten(shown)}, which is not a size",
            found is JsonNumberSyntax number ? $"Write the unit too: \"{number.Raw}MB\", \"{number.Raw}GiB\"." : "Write for example \"512MB\", \"2GiB\" or \"1.5GB\"."));
        return null;
    }

    public T Word<T>(string name, T otherwise, Words<T> words) where T : struct, Enum
    {
        var text = Text(name, $"one of {Words.Or(words.All)}");
        if (text is null)
        {
            return otherwise;
        }

        if (words.TryParse(text, out var known))
        {
            return known;
        }

        Break(name);
        var near = NearNames.FindAll(text, words.All);
        context.Found.Add(DiagnosticCatalog.UnknownWord.At(
            context.SpanOf(value.Find(name)!.Value),
            "unknown word",
            $"\"{name}\" is \"{Shorten(text)}\" and should be {Words.Or(words.All)}",
            NearNames.Question(text, words.All),
            near));
        return otherwise;
    }

    /// <summary>Any JSON; null when it is absent or unreadable.</summary>
    public JsonElement? Any(string name)
    {
        if (Find(name) is not { } found)
        {
            return null;
        }

        if (found.IsBroken)
        {
            Break(name);
            return null;
        }

        return found.ToElement();
    }

    public ObjectReader? Object(string name, string whatItIs) => Find(name) switch
    {
        null => null,
        JsonObjectSyntax members => new ObjectReader(members, At(name), whatItIs, context.NameOf(value.Find(name)!), context),
        var other => Wrong<ObjectReader>(name, other, "an object"),
    };

    public JsonArraySyntax? List(string name, string shape) => Find(name) switch
    {
        null => null,
        JsonArraySyntax items => items,
        var other => Wrong<JsonArraySyntax>(name, other, shape),
    };

    /// <summary>A list of texts; items that are none are reported and left out.</summary>
    public IEnumerable<string> Texts(string name)
    {
        var items = List(name, "a list of texts")?.Items ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is JsonTextSyntax { IsBroken: false } text)
            {
                yield return text.Value;
            }
            else
            {
                WrongAt($"{At(name)}/{i.ToString(CultureInfo.InvariantCulture)}", items[i], $"each item of \"{name}\"", "a text");
            }
        }
    }

    /// <summary>A reader of an object that is an item of a list.</summary>
    public ObjectReader Item(string list, int index, JsonObjectSyntax members, string whatItIs) =>
        new(members, SourceMap.Join(At(list), index), whatItIs, context.Source.Span(members.Start, members.Start + 1), context);

    public void WrongItem(string list, int index, JsonSyntax found, string expected) => WrongAt(SourceMap.Join(At(list), index), found, $"each item of \"{list}\"", expected);

    /// <summary>The members as objects, for <c>tasks</c> and <c>params</c>; others are reported and left out. Of several with one name the first.</summary>
    public IEnumerable<(JsonMemberSyntax Member, ObjectReader Reader)> Objects(string whatEachIs)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.Members)
        {
            if (!seen.Add(member.Name))
            {
                continue;
            }

            var place = SourceMap.Join(path, member.Name);
            if (member.Value is JsonObjectSyntax members)
            {
                yield return (member, new ObjectReader(members, place, $"{whatEachIs} \"{member.Name}\"", context.NameOf(member), context));
            }
            else
            {
                WrongAt(place, member.Value, $"{whatEachIs} \"{member.Name}\"", "an object");
            }
        }
    }

    /// <summary>Reports members that nobody asked for.</summary>
    public void End()
    {
        foreach (var member in value.Members.Where(member => !legal.Contains(member.Name)))
        {
            var near = NearNames.FindAll(member.Name, legal);
            context.Found.Add(DiagnosticCatalog.UnknownProperty.At(
                context.NameOf(member),
                "unknown property",
                $"{what} has no property \"{Shorten(member.Name)}\"",
                NearNames.Question(member.Name, legal) ?? $"Its properties are {string.Join(", ", legal)}.",
                near));

            // What was probably meant is there in a wrong spelling: not missing too.
            if (near.Count > 0)
            {
                context.Broken.Add(At(near[0]));
            }
        }
    }

    public void Break(string name) => context.Broken.Add(At(name));

    public string At(string name) => SourceMap.Join(path, name);

    public T? Wrong<T>(string name, JsonSyntax found, string expected)
    {
        WrongAt(At(name), found, $"\"{name}\"", expected);
        return default;
    }

    private void WrongAt(string place, JsonSyntax found, string subject, string expected)
    {
        context.Broken.Add(place);
        if (!found.IsBroken || found is JsonObjectSyntax or JsonArraySyntax)
        {
            var actual = found is JsonNumberSyntax number ? number.Raw : found.Kind;
            context.Found.Add(DiagnosticCatalog.WrongShape.At(context.SpanOf(found), $"not {expected}", $"{subject} should be {expected} and is {actual}",
                expected.StartsWith("a list", StringComparison.Ordinal) && found is JsonTextSyntax or JsonNumberSyntax ? $"Write it in brackets: [{context.SpanOf(found).Text}]." : null));
        }
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..57]}...";
}
