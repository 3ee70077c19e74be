using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.Training.Models;

namespace Orchestrator.Training.Fitting;

/// <summary>What a result may depend on besides its inputs.</summary>
internal static class TrainingEnvironment
{
    public static IReadOnlyDictionary<string, string> Describe() => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["ml.net"] = MlModelYaml.LibraryVersion,
        ["orchestrator"] = typeof(TrainingEnvironment).Assembly.GetName().Version?.ToString(3) ?? "unknown",
        ["dotnet"] = Environment.Version.ToString(),
        ["os"] = RuntimeInformation.OSDescription,
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["cores"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
    };
}
