using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>Calls that answer otherwise next time, so that a pipeline made from them is another each time.</summary>
internal static class UnsteadyCalls
{
    private const string Clock = "Let the step read ctx.Time, or make it a parameter of the run.";
    private const string Chance = "Write the number down, or give the activity a seed.";
    private const string Surroundings = "Make it a parameter, with the value given when the run starts.";
    private const string Files = "Let a task read it, so that its content is part of the run and not of the pipeline.";

    // By type; a null list of members means all of them.
    private static readonly FrozenDictionary<string, (string[]? Members, string Instead)> Known = new Dictionary<string, (string[]? Members, string Instead)>
    {
        ["System.DateTime"] = (["Now", "UtcNow", "Today"], Clock),
        ["System.DateTimeOffset"] = (["Now", "UtcNow"], Clock),
        ["System.TimeProvider"] = (["System", "GetUtcNow", "GetLocalNow", "GetTimestamp"], Clock),
        ["System.Diagnostics.Stopwatch"] = (null, Clock),
        ["System.Guid"] = (["NewGuid", "CreateVersion7"], Chance),
        ["System.Random"] = (["Shared", ".ctor"], Chance),
        ["System.Security.Cryptography.RandomNumberGenerator"] = (null, Chance),
        ["System.Environment"] = (
            ["GetEnvironmentVariable", "GetEnvironmentVariables", "MachineName", "UserName", "TickCount", "TickCount64", "CurrentDirectory", "ProcessId", "ProcessorCount", "CommandLine"],
            Surroundings),
        ["System.IO.Path"] = (["GetTempFileName", "GetTempPath", "GetRandomFileName"], Chance),
        ["System.IO.File"] = (["ReadAllText", "ReadAllTextAsync", "ReadAllLines", "ReadAllLinesAsync", "ReadLines", "ReadAllBytes", "ReadAllBytesAsync", "OpenRead", "OpenText", "Exists", "GetLastWriteTime", "GetLastWriteTimeUtc"], Files),
        ["System.IO.Directory"] = (["GetFiles", "GetDirectories", "EnumerateFiles", "EnumerateDirectories", "EnumerateFileSystemEntries", "GetCurrentDirectory", "Exists"], Files),
        ["System.Net.Http.HttpClient"] = (null, Files),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All of them outside of the code of steps, in order of the text.</summary>
    public static ImmutableArray<UnsteadyCall> Find(SyntaxNode root, SemanticModel model, Func<SyntaxNode, bool> inStep, CancellationToken cancellation)
    {
        var found = ImmutableArray.CreateBuilder<UnsteadyCall>();
        foreach (var node in root.DescendantNodes())
        {
            if (node is MemberAccessExpressionSyntax or BaseObjectCreationExpressionSyntax
                && model.GetSymbolInfo(node, cancellation).Symbol is { ContainingType: { } type } symbol
                && Known.TryGetValue(type.ToDisplayString(), out var known)
                && (known.Members is null || known.Members.Contains(symbol.Name))
                && !(symbol is IMethodSymbol { MethodKind: MethodKind.Constructor, Parameters.Length: > 0 })
                && !inStep(node))
            {
                var what = symbol is IMethodSymbol { MethodKind: MethodKind.Constructor } ? $"new {type.Name}()" : $"{type.Name}.{symbol.Name}";
                found.Add(new UnsteadyCall(what, known.Instead, new TextRange(node.SpanStart, node.Span.End)));
            }
        }

        return found.ToImmutable();
    }
}
