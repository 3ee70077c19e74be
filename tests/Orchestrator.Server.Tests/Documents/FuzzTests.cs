using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Documents;

/// <summary>
/// Sends what nobody should send to every operation of the OpenAPI document: wrong types, huge numbers, odd Unicode, half a body, wrong paths, headers and queries. Whatever it is: an answer in time, no 500, no stack, and
/// problem details when it is refused. Generated from a seed that a failure names.
/// </summary>
public sealed class FuzzTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly string[] Texts =
    [
        "", " ", "x", "sum", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "null", "true", "-1", "1e400", "'; DROP TABLE runs; --", "<script>alert(1)</script>", "${7*7}", "${jndi:ldap://x}", "\u0000", "\u0001\u001b[31m",
        "\ud83d\ude00", "\u202egnp.exe", "\ufeff", "\uffff", "é\u0301\u0301\u0301", "Ａ", "İ", "ß", "𝕏", new('a', 300), new('é', 5_000), "01M8GBV6VRKB0MJ6HHTV35R6NG", "99999999999999999999999999", "0x7fffffff", "1970-01-01", "9999-12-31T23:59:59Z",
        "-9999-01-01T00:00:00Z", "r1", "\"r1\"", "*", "application/json", "\r\nX-Evil: 1",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "2147483648", "9223372036854775808", "1e400", "1e-400", "0.1", "-1.7976931348623157e308", "123456789012345678901234567890", "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "[]", "[null]",
        "[[[[[[[[[[]]]]]]]]]]", "{}", "{\"\":null}", "{\"__proto__\":{}}", "{\"$type\":\"System.IO.FileInfo\"}", "[1,\"a\",null,{}]", "NaN", "Infinity", "undefined", "01", "'x'", "\"unterminated",
    ];

    private ServedHome served = null!;
    private ApiClient client = null!;
    private Operation[] operations = null!;
    private string[] knowns = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        served = await ServedHome.StartAsync();
        await served.RegisterAsync(Samples.Sum);
        await served.RegisterAsync(Samples.Gated("fuzz"));
        await served.RegisterAsync(Samples.Asking);
        await served.RegisterAsync(Samples.Scheduled);
        var backfill = (await served.Owner.PostAsync("backfills", new { pipeline = "yearly", from = "2020-01-01", to = "2023-01-01" })).Json.GetProperty("id").GetString()!;
        var (done, open, asking) = (await served.StartRunAsync("sum"), await served.StartRunAsync("gated"), await served.StartRunAsync("asking"));
        await served.RunWhenAsync(done, "succeeded");
        knowns = [done, open, asking, "sum", "gated", "asking", "first", "wait", "ask", "1", "test.add", "v1", "owner", "yearly", "nightly", "after-sum", backfill, "2020-01-01", "customers", "churn", "champion", "dataset-updated"];
        client = served.Client((Runtime.Homes.ServerAddress.Find(served.HomeFolder) ?? throw new InvalidOperationException()).Token);
        var document = (await client.GetAsync("openapi.json")).Json;
        operations =
        [
            .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => new Operation(new HttpMethod(method.Name.ToUpperInvariant()), path.Name, method.Value, document)))
                // They do not end by themselves.
                .Where(operation => !operation.Path.EndsWith("/stream", StringComparison.Ordinal) && operation.Path != "/api/v1/events"),
        ];
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        client.Dispose();
        await served.DisposeAsync();
    }

    [Test]
    public async Task WhateverIsSentTheAnswerIsASoundOne()
    {
        var rounds = Environment.GetEnvironmentVariable("ORC_LONG") is null ? 25 : 1_000;
        var statuses = new SortedDictionary<int, int>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (operation, at) in operations.Select((operation, at) => (operation, at)))
            {
                var seed = (round * 1_000) + at;
                using var request = Generate(operation, new Random(seed));
                var status = await CheckAsync(request, $"{operation.Method} {operation.Path} with seed {seed}");
                statuses[status] = statuses.GetValueOrDefault(status) + 1;
            }
        }

        TestContext.Out.WriteLine($"{operations.Length} operations, {rounds} rounds: {string.Join(", ", statuses.Select(one => $"{one.Value} x {one.Key}"))}");
        Assert.That(statuses.Keys.Any(status => status < 300) && statuses.ContainsKey(400) && statuses.ContainsKey(404), "the generator reaches both sides");
        Assert.That((await client.GetAsync("/readyz")).Text, Is.EqualTo("ready\n"));
        Assert.That((await client.GetAsync("audit/verify")).Json.GetProperty("sound").GetBoolean());
    }

    private async Task<int> CheckAsync(HttpRequestMessage request, string what)
    {
        using var limit = new CancellationTokenSource(Patience);
        var begun = Stopwatch.StartNew();
        HttpResponseMessage response;
        try
        {
            response = await client.Http.SendAsync(request, limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new AssertionException($"{what}: no answer within {Patience.TotalSeconds} s: {request.RequestUri} {await BodyOf(request)}");
        }

        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(limit.Token);
            var status = (int)response.StatusCode;
            var shown = $"{what}: {status} after {begun.ElapsedMilliseconds} ms: {request.RequestUri} {await BodyOf(request)}\n{text[..Math.Min(2000, text.Length)]}";
            Assert.That(status, Is.LessThan(500).Or.EqualTo(503).Or.EqualTo(504), $"{shown}\n{(status < 500 ? "" : served.Log[^Math.Min(3000, served.Log.Length)..])}");
            // Where pipelines are is no secret of those who may see them, and has our name in it.
            Assert.That(text.Replace(Environment.CurrentDirectory, "", StringComparison.Ordinal), Does.Not.Contain("   at ").And.Not.Contain("Exception").And.Not.Contain("System.").And.Not.Contain("Orchestrator.Server"), shown);
            Assert.That(response.Headers.Contains("X-Evil"), Is.False, shown);
            // What is no HTTP (a zero byte in a path) is refused by the web server before it is a request.
            var isNoRequest = status == 400 && text.Length == 0 && response.Headers.ConnectionClose == true;
            if (status >= 400 && !isNoRequest)
            {
                Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), shown);
                var problem = JsonElement.Parse(text);
                Assert.That((problem.GetProperty("status").GetInt32(), problem.GetProperty("code").GetString()?.Length, problem.GetProperty("detail").GetString()?.Length > 0), Is.EqualTo((status, 7, true)), shown);
            }

            return status;
        }
    }

    private static async Task<string> BodyOf(HttpRequestMessage request)
    {
        var bytes = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync();
        return Encoding.UTF8.GetString(bytes, 0, Math.Min(500, bytes.Length));
    }

    private HttpRequestMessage Generate(Operation operation, Random random)
    {
        var path = operation.Path;
        foreach (var name in operation.PathParameters)
        {
            path = path.Replace($"{{{name}}}", Uri.EscapeDataString(random.Next(3) == 0 ? Pick(random, Texts.Where(text => text.Length is > 0 and < 1000 && text is not "." and not "..").ToArray()) : Pick(random, knowns)), StringComparison.Ordinal);
        }

        var query = operation.QueryParameters.Where(_ => random.Next(2) == 0).Select(name => $"{name}={Uri.EscapeDataString(Pick(random, random.Next(4) == 0 ? knowns : Texts.Where(text => text.Length < 1000).ToArray()))}").ToList();
        if (random.Next(10) == 0)
        {
            query.Add($"{Uri.EscapeDataString(Pick(random, Texts.Where(text => text.Length is > 0 and < 300).ToArray()))}=1");
        }

        var request = new HttpRequestMessage(operation.Method, new Uri(path + (query.Count == 0 ? "" : "?" + string.Join('&', query)), UriKind.Relative));
        foreach (var header in new[] { "If-Match", "If-None-Match", "Idempotency-Key", "Range", "Accept", "Last-Event-ID" }.Where(_ => random.Next(6) == 0))
        {
            request.Headers.TryAddWithoutValidation(header, new string([.. Pick(random, Texts).Where(letter => letter is >= ' ' and <= '~')]));
        }

        if (operation.Method != HttpMethod.Get && (operation.Body is not null || random.Next(3) == 0))
        {
            var text = random.Next(12) switch
            {
                0 => "",
                1 => Pick(random, Values),
                2 => new string('[', 2_000),
                3 => string.Concat(Enumerable.Repeat("{\"a\":", 600)),
                _ => Body(operation.Body, operation.Document, random, 0),
            };
            if (random.Next(15) == 0 && text.Length > 2)
            {
                text = text[..random.Next(1, text.Length)];
            }

            request.Content = new ByteArrayContent(random.Next(20) == 0 ? [0xff, 0xfe, 0xc3, 0x28, .. Encoding.UTF8.GetBytes(text)] : Encoding.UTF8.GetBytes(text));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", random.Next(12) switch { 0 => "text/plain", 1 => "application/json; charset=utf-7", 2 => "nonsense", _ => "application/json" });
        }

        return request;
    }

    /// <summary>Something like what the schema asks for, with something wrong here and there.</summary>
    private string Body(JsonElement? schema, JsonElement document, Random random, int depth)
    {
        if (schema is not { } wanted || depth > 6 || random.Next(6) == 0)
        {
            return Pick(random, Values);
        }

        if (wanted.TryGetProperty("$ref", out var reference))
        {
            return Body(document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]), document, random, depth + 1);
        }

        if (wanted.TryGetProperty("properties", out var properties))
        {
            var members = properties.EnumerateObject().Where(_ => random.Next(5) != 0).Select(member => $"{JsonSerializer.Serialize(member.Name)}:{Body(member.Value, document, random, depth + 1)}").ToList();
            if (random.Next(8) == 0)
            {
                members.Add($"{JsonSerializer.Serialize(Pick(random, Texts))}:{Pick(random, Values)}");
            }

            return $"{{{string.Join(',', members)}}}";
        }

        var type = wanted.TryGetProperty("type", out var named) ? named.ValueKind == JsonValueKind.Array ? named.EnumerateArray().Select(one => one.GetString()).FirstOrDefault(one => one != "null") : named.GetString() : null;
        return type switch
        {
            "string" => JsonSerializer.Serialize(Pick(random, random.Next(2) == 0 ? knowns : Texts)),
            "integer" or "number" => $"{random.Next(-2, 5)}",
            "boolean" => random.Next(2) == 0 ? "true" : "false",
            "array" => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Body(wanted.TryGetProperty("items", out var items) ? items : null, document, random, depth + 1)))}]",
            _ => Pick(random, Values),
        };
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];

    private sealed record Operation(HttpMethod Method, string Path, JsonElement Description, JsonElement Document)
    {
        public IReadOnlyList<string> PathParameters { get; } = Parameters(Description, "path");

        public IReadOnlyList<string> QueryParameters { get; } = Parameters(Description, "query");

        public JsonElement? Body { get; } = Description.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty("application/json", out var json) && json.TryGetProperty("schema", out var schema) ? schema : null;

        private static string[] Parameters(JsonElement operation, string where) => operation.TryGetProperty("parameters", out var all)
            ? [.. all.EnumerateArray().Where(one => one.GetProperty("in").GetString() == where).Select(one => one.GetProperty("name").GetString()!)]
            : [];
    }
}
