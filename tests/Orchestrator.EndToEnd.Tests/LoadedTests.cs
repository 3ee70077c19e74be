using System.Diagnostics;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>What a start of the program loads. How long it takes depends on the machine; this does not.</summary>
[Platform("Linux", Reason = "named pipes and /proc")]
public sealed class LoadedTests
{
    // The least that a second file must hold for the command to end well.
    private const string Small = """{ "name": "small", "tasks": { "say": { "uses": "notify.log", "with": { "message": "hi" } } } }""";

    private OrcProgram orc = null!;

    [SetUp]
    public void Start() => orc = new OrcProgram();

    [TearDown]
    public void End() => orc.Dispose();

    [Test]
    public async Task ValidatingJsonLoadsNoCompilerNoDatabaseAndNoMachineLearning()
    {
        orc.CopyChurn();

        var loaded = await LoadedByAsync("validate", Path.Combine("churn", "churn.json"));

        Assert.That(loaded, Does.Contain("Orchestrator.Training.dll"), "the families are there");
        Assert.That(loaded.Where(IsHeavy), Is.Empty);
        Assert.That(loaded.Where(name => name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) || name == "Jint.dll"), Is.Empty);
    }

    [Test]
    public async Task ValidatingAScriptThatIsKnownLoadsNoCompiler()
    {
        orc.CopyChurn();
        var script = Path.Combine("churn", "churn.csx");
        var compiled = await orc.RunAsync("validate", script);
        Assert.That(compiled.ExitCode, Is.Zero, compiled.ToString());

        var loaded = await LoadedByAsync("validate", script);

        Assert.That(loaded.Where(IsHeavy), Is.Empty);

        // What all languages of Roslyn share is loaded with the types that name it; the compiler is the part called CSharp.
        Assert.That(loaded.Where(name => name.StartsWith("Microsoft.CodeAnalysis.", StringComparison.Ordinal) && name != "Microsoft.CodeAnalysis.dll" || name == "Jint.dll"), Is.Empty);
    }

    private static bool IsHeavy(string name) => new[] { "Microsoft.ML", "DuckDB", "Microsoft.Data.Sqlite", "SQLite", "LightGBM", "lib_lightgbm", "libe_sqlite", "libduckdb", "Microsoft.AspNetCore", "Orchestrator.Server", "Serilog", "OpenTelemetry", "Scalar" }
        .Any(heavy => name.StartsWith(heavy, StringComparison.OrdinalIgnoreCase));

    /// <summary>The files that the program has mapped when it has done its work. A second file that is a named pipe holds it there.</summary>
    private async Task<IReadOnlyList<string>> LoadedByAsync(string command, string file)
    {
        var pipe = Path.Combine(orc.Folder, "wait.json");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync();
        }

        using var running = orc.Start(command, file, pipe);

        // Opening it waits for the program to open it too. A program that ends without doing so must not leave this waiting.
        var opening = Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write));
        if (await Task.WhenAny(opening, running.Process.WaitForExitAsync()) != opening)
        {
            using var release = new FileStream(pipe, FileMode.Open, FileAccess.Read);
            (await opening).Dispose();
            throw new AssertionException($"the program did not come to its second file: {await running.EndAsync()}");
        }

        string[] maps;
        await using (var writer = new StreamWriter(await opening))
        {
            maps = await File.ReadAllLinesAsync($"/proc/{running.Process.Id}/maps");
            await writer.WriteAsync(Small);
        }

        var result = await running.EndAsync();
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        File.Delete(pipe);
        return [.. maps.Select(line => Path.GetFileName(line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries) is { Length: 6 } parts ? parts[5].Trim() : "")).Where(name => name.Length > 0).Distinct()];
    }
}
