using System.Globalization;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Json;

/// <summary>Finds parts of a definition in the JSON text they were written in, by walking the tree: nothing is prepared for a file without mistakes.</summary>
internal sealed class JsonSourceMap(SourceText source, JsonSyntax root) : SourceMap
{
    public override SourceSpan ValueOf(string path) => Find(path) is var (value, _, _) ? source.Span(value.Start, value.End) : source.Whole;

    public override SourceSpan NameOf(string path)
    {
        var (value, member, whole) = Find(path);
        return whole && member is not null ? source.Span(member.NameStart, member.NameEnd) : source.Span(value.Start, value.End);
    }

    public override SourceSpan TextIn(string path, int start, int length) => Find(path) switch
    {
        (JsonTextSyntax text, _, true) => source.Span(text.SourceOffset(source.Text, start), text.SourceOffset(source.Text, start + length)),
        var (value, _, _) => source.Span(value.Start, value.End),
    };

    /// <summary>The part, or the nearest one around it; the member it is the value of; and whether it is the part itself.</summary>
    private (JsonSyntax Value, JsonMemberSyntax? Member, bool Whole) Find(string path)
    {
        var (at, member) = (root, (JsonMemberSyntax?)null);
        foreach (var range in path.AsSpan(Math.Min(1, path.Length)).Split('/'))
        {
            if (path.Length <= 1)
            {
                break;
            }

            var step = path[1..][range].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            switch (at)
            {
                case JsonObjectSyntax members when members.Find(step) is { } next:
                    (at, member) = (next.Value, next);
                    break;
                case JsonArraySyntax items when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Items.Count:
                    (at, member) = (items.Items[index], null);
                    break;
                default:
                    return (at, member, false);
            }
        }

        return (at, member, true);
    }
}
