using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Core.Activities;

/// <summary>Marks a value type that people may also write as text with a scheme: <c>models:/churn@champion</c>.</summary>
public interface INamedReference
{
    /// <summary>The scheme without colon: <c>models</c>.</summary>
    static abstract string Scheme { get; }
}

/// <summary>
/// Turns a textual reference into the value it stands for now, before the attempt's cache key is made, so that a moved alias is a changed input.
/// One per scheme.
/// </summary>
public interface IReferenceResolver
{
    string Scheme { get; }

    /// <summary>The value, or null when the reference is well formed but nothing has that name (an optional input is then absent).</summary>
    /// <exception cref="ActivityException">The reference is not well formed.</exception>
    Task<JsonElement?> ResolveAsync(string reference, CancellationToken cancellation);
}

/// <summary>An input's value type that can say more about a literal than its shape: a bad pattern, a range the wrong way round.</summary>
public interface ICheckedValue
{
    /// <summary>What is wrong; empty when nothing is.</summary>
    IEnumerable<ValueProblem> Check();
}

/// <summary>
/// A value type that a JSON converter of its own reads: only it knows what is legal, and says so as JSON Schema. Editors complete and check by it, and people read
/// in it what they may write.
/// </summary>
public interface ISchemaValue
{
    /// <summary>A schema in words of draft 2020-12 that needs no definition from elsewhere. A new object each time.</summary>
    static abstract JsonObject Schema { get; }
}

/// <param name="Path">Where in the value, as JSON members and indices: <c>matches</c>, <c>[2].between</c>. Empty: all of it.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Help">How to fix it.</param>
public readonly record struct ValueProblem(string Path, string Message, string? Help = null);
