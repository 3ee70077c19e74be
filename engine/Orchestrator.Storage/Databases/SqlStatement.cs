using System.Collections.Frozen;

namespace Orchestrator.Storage.Databases;

/// <summary>A named statement with its text in each dialect that has one.</summary>
public sealed class SqlStatement
{
    private readonly FrozenDictionary<Dialect, string>? texts;
    private readonly string? everywhere;

    internal SqlStatement(string name, IEnumerable<KeyValuePair<Dialect, string>> texts)
    {
        Name = name;
        this.texts = texts.ToFrozenDictionary();
    }

    /// <summary>One text for all dialects.</summary>
    public SqlStatement(string text)
    {
        Name = "(text)";
        everywhere = text;
    }

    /// <summary>The name in its .sql file.</summary>
    public string Name { get; }

    /// <exception cref="InvalidOperationException">The statement is not written for this dialect.</exception>
    public string For(Dialect dialect) =>
        everywhere ?? (texts is not null && texts.TryGetValue(dialect, out var text)
            ? text
            : throw new InvalidOperationException($"the statement \"{Name}\" is not written for {dialect}"));

    public static SqlStatement FromString(string text) => new(text);

    public static implicit operator SqlStatement(string text) => new(text);

    public override string ToString() => Name;
}
