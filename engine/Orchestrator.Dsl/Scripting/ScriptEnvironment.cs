using System.Collections.Immutable;
using System.Reflection;
using Orchestrator.Core.Activities;

namespace Orchestrator.Dsl.Scripting;

/// <summary>What scripts are compiled against and how long they may take.</summary>
public sealed record ScriptEnvironment
{
    /// <summary>The activities that scripts may use; their classes are in scope by bare name.</summary>
    public required ActivityCatalog Catalog { get; init; }

    /// <summary>Further assemblies with <see cref="ScriptFunctionsAttribute"/> classes or value types. Those of the catalog's activities and their inputs are known by themselves.</summary>
    public ImmutableArray<Assembly> Assemblies { get; init; } = [];

    /// <summary>Where compiled scripts are kept, shared by all processes of a home. Made when it is missing. Null: nothing is kept.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>The usual limits.</summary>
    public const int UsualCharacters = 1024 * 1024;

    /// <inheritdoc cref="UsualCharacters"/>
    public const long UsualMemoryBytes = 1L << 30;

    /// <inheritdoc cref="UsualCharacters"/>
    public static readonly TimeSpan UsualTimeLimit = TimeSpan.FromSeconds(10);

    /// <summary>The longest a script may take to write its pipeline. Default 10 s; the usual one takes milliseconds.</summary>
    public TimeSpan TimeLimit { get; init; } = UsualTimeLimit;

    /// <summary>How many characters a script may have. Default 1,048,576.</summary>
    public int MaxCharacters { get; init; } = UsualCharacters;

    /// <summary>How much memory a script may use while it writes its pipeline. Default 1 GiB; the usual one uses a few MiB.</summary>
    public long MaxMemoryBytes { get; init; } = UsualMemoryBytes;

    /// <summary>The limits of the definition itself.</summary>
    public ReadOptions Limits { get; init; } = ReadOptions.Default;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told each time the compiler is started; for tests, which must not measure time.</summary>
    internal Action<string>? CompilerStarting { get; init; }
}
