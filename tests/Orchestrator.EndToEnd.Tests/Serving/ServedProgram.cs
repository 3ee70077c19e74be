using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary><c>orc serve</c> as users start it: a process of its own over the home of a test.</summary>
internal sealed class ServedProgram : IDisposable
{
    private readonly RunningProgram program;

    private ServedProgram(RunningProgram program, string url) => (this.program, Url) = (program, url);

    public string Url { get; }

    /// <param name="orc">Whose home is served.</param>
    /// <param name="arguments">More than the address, which is a free port.</param>
    public static async Task<ServedProgram> StartAsync(OrcProgram orc, params string[] arguments)
    {
        var program = orc.Start(["serve", "--urls", "http://127.0.0.1:0", "--log", "json", .. arguments]);
        var line = await program.LineAsync(said => said.StartsWith("serving ", StringComparison.Ordinal));
        return new ServedProgram(program, line.Split(" at ")[1]);
    }

    /// <summary>A new API key of the server's home.</summary>
    public static async Task<string> KeyAsync(OrcProgram orc, string name, params string[] roles)
    {
        var made = await orc.RunAsync(["keys", "create", name, .. roles.SelectMany(role => new[] { "--role", role }), "--json"]);
        Assert.That(made.ExitCode, Is.Zero, made.ToString());
        return made.Json.GetProperty("key").GetString() ?? "";
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => program.KillAsync();

    /// <summary>SIGTERM, and its end.</summary>
    public async Task<ProgramResult> StopAsync()
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-TERM", $"{program.Process.Id}"]);
        await kill.WaitForExitAsync();
        return await program.EndAsync();
    }

    public void Dispose() => program.Dispose();
}

/// <summary>What two runs of a program say differently although nothing is different: ids, times, how long it took.</summary>
internal static partial class Masks
{
    public static string Of(string text) =>
        Elapsed().Replace(Clock().Replace(Instant().Replace(Id().Replace(text, "RUN"), "INSTANT"), "CLOCK"), "TOOK");

    /// <summary>Of two runs: the outputs of a task are in no order.</summary>
    public static string Of(ProgramResult result) => result.Output.StartsWith('{') ? Sorted(JsonNode.Parse(Of(result.Output)))?.ToJsonString() ?? "" : Of(result.Output);

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => KeyValuePair.Create(one.Key, Sorted(one.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    [GeneratedRegex("01[0-9A-HJKMNP-TV-Z]{24}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\b\d\d:\d\d:\d\d(\.\d+)?\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"\d+(\.\d+)? s\b")]
    private static partial Regex Elapsed();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Instant();
}

/// <summary>Reads JSON of a program that was told to write some.</summary>
internal static class ServedJson
{
    public static string Id(this ProgramResult result) => result.Json.GetProperty("id").GetString() ?? "";

    public static string? Text(this JsonElement element, string name) => element.GetProperty(name).GetString();
}
