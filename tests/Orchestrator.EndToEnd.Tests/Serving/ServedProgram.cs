using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.EndToEnd.Tests.Serving;

/// <summary><c>orc serve</c> as users start it: a process of its own over the home of a test, and what is asked of it most.</summary>
internal sealed class ServedProgram : IDisposable
{
    private readonly RunningProgram program;

    private ServedProgram(RunningProgram program, string url, string token)
    {
        (this.program, Url) = (program, url);
        Owner = Connect(token);
    }

    public string Url { get; }

    public Process Process => program.Process;

    /// <summary>With the token of whoever owns the home.</summary>
    public HttpClient Owner { get; }

    /// <param name="orc">Whose home is served.</param>
    /// <param name="arguments">More than the address, which is a free port.</param>
    /// <returns>When it is ready.</returns>
    public static async Task<ServedProgram> StartAsync(OrcProgram orc, params string[] arguments)
    {
        var program = orc.Start(["serve", "--urls", "http://127.0.0.1:0", "--log", "json", .. arguments]);
        var line = await program.LineAsync(said => said.StartsWith("serving ", StringComparison.Ordinal));
        var address = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(orc.Home, "server.json"))).RootElement;
        var served = new ServedProgram(program, line.Split(" at ")[1], address.GetProperty("token").GetString()!);
        while (!(await served.Owner.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode)
        {
            await Task.Delay(20);
        }

        return served;
    }

    /// <summary>A client with another key.</summary>
    public HttpClient Connect(string key)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public async Task<string> StartRunAsync(string pipeline, object? parameters = null)
    {
        using var answer = await Owner.PostAsJsonAsync("/api/v1/runs", new { pipeline, @params = parameters });
        return (await ReadAsync(answer)).GetProperty("id").GetString()!;
    }

    public async Task AnswerAsync(string run, string task)
    {
        using var answer = await Owner.PostAsJsonAsync($"/api/v1/runs/{run}/tasks/{task}/answer", new { approved = true });
        await ReadAsync(answer);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Owner.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(answer);
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
        await SignalAsync("-TERM");
        return await program.EndAsync();
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [signal, $"{program.Process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        Owner.Dispose();
        program.Dispose();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }
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
