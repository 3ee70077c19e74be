using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Orchestrator.Testing.Pipelines;

/// <summary>The assemblies with activities that lie beside a test.</summary>
internal static class ActivityAssemblies
{
    private static readonly HashSet<string> Engine = ["orc", "Orchestrator.Core", "Orchestrator.Dsl", "Orchestrator.Storage", "Orchestrator.Runtime", "Orchestrator.Testing"];

    private static readonly Lazy<IReadOnlyList<Assembly>> Found = new(() =>
        [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(HasActivities).Order(StringComparer.Ordinal).Select(path => Assembly.Load(Path.GetFileNameWithoutExtension(path)))]);

    /// <summary>What refers to the engine's contract and is no part of the engine. Test assemblies are not looked at: a test names its own.</summary>
    public static IReadOnlyList<Assembly> Beside => Found.Value;

    private static bool HasActivities(string path)
    {
        if (Engine.Contains(Path.GetFileNameWithoutExtension(path)))
        {
            return false;
        }

        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata)
        {
            return false;
        }

        var metadata = file.GetMetadataReader();
        var names = metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToHashSet(StringComparer.Ordinal);
        return names.Contains("Orchestrator.Core") && !names.Overlaps(["nunit.framework", "xunit.core", "xunit.v3.core", "Microsoft.VisualStudio.TestPlatform.TestFramework", "MSTest.TestFramework"]);
    }
}
