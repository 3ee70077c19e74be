using System.Buffers;
using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Json;

/// <summary>A JSON value as it was written, with its place. Offsets are UTF-16 units of the source.</summary>
internal abstract class JsonSyntax(int start)
{
    public int Start { get; } = start;

    /// <summary>After the last character.</summary>
    public int End { get; set; }

    /// <summary>With its article, for messages: <c>a text</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>True when the parser could not make sense of the value or of something in it.</summary>
    public virtual bool IsBroken => false;

    protected internal abstract void WriteTo(Utf8JsonWriter writer);

    /// <summary>The value without comments and trailing commas; of members with one name the first. Not for broken values.</summary>
    public JsonElement ToElement()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = OrcJson.Options.Encoder }))
        {
            WriteTo(writer);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}

internal sealed class JsonObjectSyntax(int start) : JsonSyntax(start)
{
    private Dictionary<string, JsonMemberSyntax>? byName;

    /// <summary>In the order they were written, repeated names included.</summary>
    public List<JsonMemberSyntax> Members { get; } = [];

    public override string Kind => "an object";

    public override bool IsBroken => Members.Any(member => member.Value.IsBroken);

    /// <summary>The first member of that name; null when there is none.</summary>
    public JsonMemberSyntax? Find(string name)
    {
        if (Members.Count <= 8)
        {
            foreach (var member in Members)
            {
                if (member.Name == name)
                {
                    return member;
                }
            }

            return null;
        }

        // Built once the parser is done: nobody asks before.
        byName ??= Members.DistinctBy(member => member.Name).ToDictionary(member => member.Name, StringComparer.Ordinal);
        return byName.GetValueOrDefault(name);
    }

    protected internal override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var member in Members.DistinctBy(member => member.Name))
        {
            writer.WritePropertyName(member.Name);
            member.Value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}

internal sealed class JsonMemberSyntax(string name, int nameStart, int nameEnd, JsonSyntax value)
{
    public string Name { get; } = name;

    /// <summary>Of the name with its quotes.</summary>
    public int NameStart { get; } = nameStart;

    public int NameEnd { get; } = nameEnd;

    public JsonSyntax Value { get; } = value;
}

internal sealed class JsonArraySyntax(int start) : JsonSyntax(start)
{
    public List<JsonSyntax> Items { get; } = [];

    public override string Kind => "a list";

    public override bool IsBroken => Items.Any(item => item.IsBroken);

    protected internal override void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in Items)
        {
            item.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}

internal sealed class JsonTextSyntax(int start, string value, bool broken) : JsonSyntax(start)
{
    /// <summary>Without quotes, escapes replaced.</summary>
    public string Value { get; } = value;

    public override string Kind => "a text";

    public override bool IsBroken => broken;

    /// <summary>Where a character of the value stands in the source.</summary>
    public int SourceOffset(string source, int offset)
    {
        var at = Start + 1;
        for (var i = 0; i < offset && at < End - 1; i++)
        {
            at += source[at] != '\\' ? 1 : source[at + 1] == 'u' ? 6 : 2;
        }

        return Math.Min(at, End);
    }

    protected internal override void WriteTo(Utf8JsonWriter writer) => writer.WriteStringValue(Value);
}

internal sealed class JsonNumberSyntax(int start, string raw) : JsonSyntax(start)
{
    public string Raw { get; } = raw;

    public override string Kind => "a number";

    protected internal override void WriteTo(Utf8JsonWriter writer) => writer.WriteRawValue(Raw, skipInputValidation: true);
}

/// <summary><c>true</c>, <c>false</c> or <c>null</c>.</summary>
internal sealed class JsonWordSyntax(int start, bool? value) : JsonSyntax(start)
{
    public bool? Value { get; } = value;

    public override string Kind => Value is null ? "null" : "a boolean";

    protected internal override void WriteTo(Utf8JsonWriter writer)
    {
        if (Value is { } truth)
        {
            writer.WriteBooleanValue(truth);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}

/// <summary>Stands where a value is missing or makes no sense; a finding says so.</summary>
internal sealed class JsonBrokenSyntax(int start) : JsonSyntax(start)
{
    public override string Kind => "nothing readable";

    public override bool IsBroken => true;

    protected internal override void WriteTo(Utf8JsonWriter writer) => writer.WriteNullValue();
}
