namespace Orchestrator.Architecture.Tests;

/// <summary>Arrows point inward: an assembly may refer only to those named beside it here.</summary>
public sealed class ArrowTests
{
    private static readonly string[] Family = ["Orchestrator.Core", "Orchestrator.Storage", "Orchestrator.Assets"];

    /// <summary>Every assembly of the product and what it may see.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Orchestrator.Core"] = [],
        ["Orchestrator.Dsl"] = ["Orchestrator.Core"],
        ["Orchestrator.Storage"] = ["Orchestrator.Core"],
        ["Orchestrator.Runtime"] = ["Orchestrator.Core", "Orchestrator.Dsl", "Orchestrator.Storage"],
        ["Orchestrator.Scheduling"] = ["Orchestrator.Core", "Orchestrator.Dsl", "Orchestrator.Storage", "Orchestrator.Runtime"],
        ["Orchestrator.Notifications"] = ["Orchestrator.Core", "Orchestrator.Dsl", "Orchestrator.Storage", "Orchestrator.Runtime", "Orchestrator.Scheduling"],
        ["Orchestrator.Server"] = ["Orchestrator.Core", "Orchestrator.Dsl", "Orchestrator.Storage", "Orchestrator.Runtime", "Orchestrator.Scheduling", "Orchestrator.Notifications"],
        ["Orchestrator.Testing"] = ["Orchestrator.Core", "Orchestrator.Dsl", "Orchestrator.Storage", "Orchestrator.Runtime"],
        ["Orchestrator.Assets"] = ["Orchestrator.Core"],
        ["Orchestrator.Activities"] = Family,
        ["Orchestrator.Data"] = Family,
        ["Orchestrator.Training"] = Family,
        ["Orchestrator.Tracking"] = Family,
        ["Orchestrator.Deployment"] = [.. Family, "Orchestrator.Tracking"],
        ["orc"] =
        [
            .. Family, "Orchestrator.Dsl", "Orchestrator.Runtime", "Orchestrator.Scheduling", "Orchestrator.Notifications", "Orchestrator.Server", "Orchestrator.Activities", "Orchestrator.Data", "Orchestrator.Training",
            "Orchestrator.Tracking", "Orchestrator.Deployment",
        ],
    };

    /// <summary>Where a heavy dependency stops: the first part of the assembly's name, and the only one that may refer to it.</summary>
    private static readonly (string Dependency, string[] Only)[] Heavy =
    [
        ("Microsoft.CodeAnalysis", ["Orchestrator.Dsl"]),
        ("Jint", ["Orchestrator.Dsl"]),
        ("Acornima", ["Orchestrator.Dsl"]),
        ("Dapper", ["Orchestrator.Storage"]),
        ("Microsoft.Data.Sqlite", ["Orchestrator.Storage"]),
        ("SQLitePCLRaw", ["Orchestrator.Storage"]),
        ("Npgsql", ["Orchestrator.Storage"]),
        ("Microsoft.Data.SqlClient", ["Orchestrator.Storage"]),
        ("DuckDB", ["Orchestrator.Data"]),
        ("Microsoft.ML", ["Orchestrator.Training"]),
        ("Quartz", ["Orchestrator.Scheduling"]),
        ("MailKit", ["Orchestrator.Notifications"]),
        ("MimeKit", ["Orchestrator.Notifications"]),
        ("CliWrap", ["Orchestrator.Runtime", "Orchestrator.Activities"]),
        ("Microsoft.AspNetCore", ["Orchestrator.Server"]),
        ("Microsoft.IdentityModel", ["Orchestrator.Server"]),
        ("OpenTelemetry", ["Orchestrator.Server"]),
        ("Scalar", ["Orchestrator.Server"]),
        ("Serilog", ["Orchestrator.Server"]),
        ("Spectre.Console", ["orc"]),
        ("System.CommandLine", ["orc"]),
    ];

    private static IEnumerable<string> Assemblies => BuiltAssemblies.References.Keys.Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Assemblies))]
    public void AnAssemblySeesOnlyWhatTheDesignLetsItSee(string assembly)
    {
        Assert.That(Allowed, Contains.Key(assembly), "a new assembly needs its arrows in this table");
        var seen = BuiltAssemblies.References[assembly].Where(BuiltAssemblies.IsOurs);

        Assert.That(seen, Is.SubsetOf(Allowed[assembly]));
    }

    [TestCaseSource(nameof(Assemblies))]
    public void AHeavyDependencyStopsInItsProject(string assembly)
    {
        var trespasses = Heavy
            .Where(rule => !rule.Only.Contains(assembly))
            .SelectMany(rule => BuiltAssemblies.References[assembly].Where(name => name == rule.Dependency || name.StartsWith(rule.Dependency + ".", StringComparison.Ordinal)));

        Assert.That(trespasses, Is.Empty);
    }

    [Test]
    public void TheCoreNeedsTheBaseLibraryOnly() =>
        Assert.That(BuiltAssemblies.References["Orchestrator.Core"], Has.All.StartsWith("System"));

    [Test]
    public void EveryProjectOfTheSolutionIsLookedAt() =>
        Assert.That(Allowed.Keys, Is.SubsetOf(BuiltAssemblies.References.Keys));
}
