namespace Orchestrator.Dsl.Diagnostics;

/// <summary>
/// Knows where each part of a definition was written, so that one set of checks serves every front end.
/// A part is named by its path in the JSON form, as a JSON pointer: <c>/tasks/train/with/data</c>, <c>/triggers/0/schedule</c>, <c>/tasks/train/needs/1</c>.
/// </summary>
public abstract class SourceMap
{
    /// <summary>The text of a part's value; the nearest part around it when the part itself is not known.</summary>
    public abstract SourceSpan ValueOf(string path);

    /// <summary>The name of a part (the key of a member, the name of a task); its value when it has none.</summary>
    public abstract SourceSpan NameOf(string path);

    /// <summary>A stretch of a text value. Falls back to the whole value where the stretch cannot be found in what was written.</summary>
    /// <param name="path">The part, whose value is a text.</param>
    /// <param name="start">Offset into the text's value.</param>
    /// <param name="length">In characters of the value.</param>
    public virtual SourceSpan TextIn(string path, int start, int length) => ValueOf(path);

    /// <summary>Joins a path and a member's name, which is escaped as JSON pointers ask.</summary>
    public static string Join(string path, string name) =>
        name.AsSpan().ContainsAny('~', '/')
            ? $"{path}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}"
            : $"{path}/{name}";

    public static string Join(string path, int index) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}/{index}");

    private protected static string? ParentOf(string path) => path.LastIndexOf('/') is > -1 and var slash ? path[..slash] : null;
}

/// <summary>A source map that is filled part by part, as a script front end does.</summary>
/// <param name="whole">Where everything points that nobody registered.</param>
public sealed class PathSourceMap(SourceSpan whole) : SourceMap
{
    private readonly Dictionary<string, (SourceSpan Value, SourceSpan Name)> parts = new(StringComparer.Ordinal);

    /// <summary>Registers a part. The last registration of a path counts.</summary>
    public void Add(string path, SourceSpan value, SourceSpan? name = null) => parts[path] = (value, name ?? value);

    public override SourceSpan ValueOf(string path) => Find(path)?.Value ?? whole;

    public override SourceSpan NameOf(string path) => parts.TryGetValue(path, out var part) ? part.Name : Find(path)?.Value ?? whole;

    private (SourceSpan Value, SourceSpan Name)? Find(string path)
    {
        for (var at = path; at is not null; at = ParentOf(at))
        {
            if (parts.TryGetValue(at, out var part))
            {
                return part;
            }
        }

        return null;
    }
}
