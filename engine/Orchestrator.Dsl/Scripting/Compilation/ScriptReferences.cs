using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.CodeAnalysis;
using Orchestrator.Core.Activities;
using Orchestrator.Dsl.Scripting.Authoring;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>What a script is compiled against: the base library and the assemblies that the program's activities come from.</summary>
internal sealed class ScriptReferences
{
    // The compiler keeps what it has read of a library with the reference to it, so one reference serves all scripts of the process.
    private static readonly ConcurrentDictionary<string, MetadataReference> Read = new(StringComparer.Ordinal);

    private readonly ImmutableArray<Assembly> own;
    private readonly Lazy<ImmutableArray<Assembly>> assemblies;
    private readonly Lazy<ImmutableArray<MetadataReference>> metadata;
    private readonly Lazy<ImmutableArray<string>> imports;

    public ScriptReferences(ScriptEnvironment environment)
    {
        Catalog = environment.Catalog;
        own = [.. new[] { typeof(Activity).Assembly, typeof(PipelineScript).Assembly }.Concat(environment.Assemblies).Distinct().OrderBy(assembly => assembly.FullName, StringComparer.Ordinal)];
        assemblies = new(() => [.. own.Concat(AssembliesOf(Catalog)).Distinct().OrderBy(assembly => assembly.FullName, StringComparer.Ordinal)]);
        metadata = new(CreateMetadata);
        imports = new(() => [.. FindImports().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    public ActivityCatalog Catalog { get; }

    /// <summary>Found when the compiler is first needed: the types of all inputs and outputs say which they are.</summary>
    public ImmutableArray<Assembly> Assemblies => assemblies.Value;

    /// <summary>Made when the compiler is first needed.</summary>
    public ImmutableArray<MetadataReference> Metadata => metadata.Value;

    /// <summary>Namespaces and, for bare function names, classes.</summary>
    public ImmutableArray<string> Imports => imports.Value;

    /// <summary>The functions that scripts call by bare name.</summary>
    public IEnumerable<Type> FunctionClasses => Assemblies.SelectMany(TypesOf).Where(type => type.IsDefined(typeof(ScriptFunctionsAttribute)));

    /// <summary>The same for the same build of the program: compiled code fits only what it was compiled against.</summary>
    public string Identity()
    {
        var text = new StringBuilder().Append(Environment.Version);
        foreach (var assembly in own)
        {
            text.Append('\n').Append(assembly.FullName).Append(' ').Append(assembly.ManifestModule.ModuleVersionId);
            AppendReferences(text, assembly);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>What an assembly refers to, by the files beside it: loading them all only to know a script from the cache would cost more than the script.</summary>
    private static void AppendReferences(StringBuilder text, Assembly assembly)
    {
        var folder = Path.GetDirectoryName(assembly.Location) ?? "";
        foreach (var reference in assembly.GetReferencedAssemblies().Where(reference => !IsBaseLibrary(reference.Name)).OrderBy(reference => reference.Name, StringComparer.Ordinal))
        {
            var file = new FileInfo(Path.Combine(folder, $"{reference.Name}.dll"));
            text.Append("\n ").Append(reference.FullName).Append(CultureInfo.InvariantCulture, $" {(file.Exists ? file.Length : 0)} {(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)}");
        }
    }

    // The types of inputs and outputs bring the nouns that families share.
    private static IEnumerable<Assembly> AssembliesOf(ActivityCatalog catalog)
    {
        var used = catalog.Activities.SelectMany(activity => activity.Inputs.Select(input => input.ValueType)
            .Concat(activity.Outputs.Select(output => output.ValueType))
            .SelectMany(WithArguments)
            .Prepend(activity.ClassType));
        return used.Select(type => type.Assembly).Where(assembly => !IsBaseLibrary(assembly.GetName().Name));
    }

    private static IEnumerable<Type> WithArguments(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(WithArguments).Prepend(type)
        : type.GetElementType() is { } element ? WithArguments(element)
        : [type];

    private IEnumerable<string> FindImports()
    {
        string[] always =
        [
            "System", "System.Collections.Generic", "System.Linq", "System.Text.Json", "System.Threading.Tasks",
            NamespaceOf(typeof(Activity)), NamespaceOf(typeof(Core.Definitions.Expr)), NamespaceOf(typeof(Core.Values.ArtifactRef)), NamespaceOf(typeof(PipelineScript)),
        ];
        var activities = Catalog.Activities.SelectMany(activity => activity.Inputs.Select(input => input.ValueType)
            .Concat(activity.Outputs.Select(output => output.ValueType))
            .SelectMany(WithArguments)
            .Where(type => !IsBaseLibrary(type.Assembly.GetName().Name))
            .Prepend(activity.ClassType)
            .Select(NamespaceOf));
        return always.Concat(activities).Concat(FunctionClasses.Select(type => (type.FullName ?? type.Name).Replace('+', '.'))).Where(name => name.Length > 0);
    }

    private ImmutableArray<MetadataReference> CreateMetadata()
    {
        var platform = (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return
        [
            .. platform.Where(path => IsBaseLibrary(Path.GetFileNameWithoutExtension(path)))
                .Concat(Assemblies.Select(assembly => assembly.Location))
                .Distinct(StringComparer.Ordinal)
                .Select(path => Read.GetOrAdd(path, at => MetadataReference.CreateFromFile(at))),
        ];
    }

    private static bool IsBaseLibrary(string? name) =>
        name is "System" or "mscorlib" or "netstandard" or "Microsoft.CSharp" || name?.StartsWith("System.", StringComparison.Ordinal) == true;

    private static IEnumerable<Type> TypesOf(Assembly assembly) => assembly.GetExportedTypes();

    private static string NamespaceOf(Type type) => type.Namespace ?? "";
}
