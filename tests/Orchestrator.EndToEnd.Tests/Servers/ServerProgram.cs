using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests.Servers;

/// <summary><c>orc serve</c> as a process on a free port, and what is asked of it most.</summary>
/// <param name="home">Where it lives; it is stopped with it.</param>
/// <param name="pipelines">The folder that it keeps registered; null: none.</param>
internal sealed class ServerProgram(OrcProgram home, string? pipelines = null)
{
    public RunningProgram Program { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    /// <summary>With the token of whoever owns the home.</summary>
    public HttpClient Client { get; private set; } = new();

    /// <summary>Starts it, also again after a kill, and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        Program = home.Start(["serve", "--urls", "http://127.0.0.1:0", .. pipelines is null ? [] : (string[])["--pipelines", pipelines]]);
        var said = await Program.LineAsync(line => line.StartsWith("serving ", StringComparison.Ordinal));
        Address = new Uri(said[(said.IndexOf(" at ", StringComparison.Ordinal) + 4)..]);
        var token = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(home.Home, "server.json"))).RootElement.GetProperty("token").GetString()!;
        Client = Connect(token);
        while (!(await Client.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode)
        {
            await Task.Delay(20);
        }
    }

    /// <summary>A client with another key.</summary>
    public HttpClient Connect(string key)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public async Task<string> StartRunAsync(string pipeline, object? parameters = null)
    {
        using var answer = await Client.PostAsJsonAsync("/api/v1/runs", new { pipeline, @params = parameters });
        return (await ReadAsync(answer)).GetProperty("id").GetString()!;
    }

    public async Task AnswerAsync(string run, string task)
    {
        using var answer = await Client.PostAsJsonAsync($"/api/v1/runs/{run}/tasks/{task}/answer", new { approved = true });
        await ReadAsync(answer);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(answer);
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [signal, $"{Program.Process.Id}"]))!;
        await kill.WaitForExitAsync();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }
}
