using Orchestrator.Activities.Commands;

namespace Orchestrator.Activities.Containers;

/// <summary>The programs that run containers.</summary>
public static class ContainerEngines
{
    internal static readonly string[] Names = ["podman", "docker"];

    /// <summary>The path of the one that tasks of this machine get when they do not name one; null: there is none.</summary>
    public static string? Find() => Find(Names, Directory.GetCurrentDirectory());

    internal static string? Find(IEnumerable<string> names, string baseDirectory) =>
        names.Select(name => ProgramLookup.FindOrNull(name, baseDirectory, Environment.GetEnvironmentVariable("PATH") ?? "")).OfType<string>().FirstOrDefault();
}
