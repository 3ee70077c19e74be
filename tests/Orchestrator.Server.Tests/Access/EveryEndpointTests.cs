using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Access;

/// <summary>Every endpoint by name, with who may call it: one that is not in this table fails.</summary>
public sealed class EveryEndpointTests
{
    private const string Everybody = "everybody", SignedIn = "viewer operator author approver admin none", Readers = "viewer operator author approver admin", Operators = "operator author admin",
        Authors = "author admin", Approvers = "approver admin", Admins = "admin";

    private static readonly string[] Roles = ["viewer", "operator", "author", "approver", "admin"];

    private static readonly Dictionary<string, string> Table = new()
    {
        ["GET /"] = Everybody,
        ["GET /healthz"] = Everybody,
        ["GET /readyz"] = Everybody,
        ["GET /sign-in"] = Everybody,
        ["POST /sign-in"] = Everybody,
        ["GET /docs/{documentName?}"] = Everybody,
        ["GET /docs/scalar.js"] = Everybody,
        ["GET /docs/scalar.aspnetcore.js"] = Everybody,
        ["GET /docs/favicon.svg"] = Everybody,
        ["GET /metrics"] = Readers,
        ["GET /api/{documentName}/openapi.json"] = SignedIn,
        ["GET /api/v1/session"] = SignedIn,
        ["DELETE /api/v1/session"] = SignedIn,
        ["GET /api/v1/activities"] = SignedIn,
        ["GET /api/v1/activities/{type}"] = SignedIn,
        ["GET /api/v1/schema"] = SignedIn,
        ["GET /api/v1/pipelines"] = Readers,
        ["POST /api/v1/pipelines"] = Authors,
        ["POST /api/v1/pipelines/validate"] = Authors,
        ["GET /api/v1/pipelines/{name}"] = Readers,
        ["DELETE /api/v1/pipelines/{name}"] = Authors,
        ["GET /api/v1/pipelines/{name}/versions"] = Readers,
        ["GET /api/v1/pipelines/{name}/versions/{version:int}"] = Readers,
        ["GET /api/v1/pipelines/{name}/diff"] = Readers,
        ["POST /api/v1/pipelines/{name}/pause"] = Operators,
        ["POST /api/v1/pipelines/{name}/resume"] = Operators,
        ["GET /api/v1/folder"] = Authors,
        ["GET /api/v1/runs"] = Readers,
        ["POST /api/v1/runs"] = Operators,
        ["POST /api/v1/runs/plan"] = Readers,
        ["GET /api/v1/runs/{run}"] = Readers,
        ["GET /api/v1/runs/{run}/definition"] = Readers,
        ["GET /api/v1/runs/{run}/tasks/{task}/items"] = Readers,
        ["GET /api/v1/runs/{run}/attempts"] = Readers,
        ["GET /api/v1/runs/{run}/events"] = Readers,
        ["GET /api/v1/runs/{run}/graph"] = Readers,
        ["GET /api/v1/runs/{run}/why"] = Readers,
        ["GET /api/v1/runs/{run}/cache"] = Readers,
        ["GET /api/v1/runs/{run}/artifacts"] = Readers,
        ["GET /api/v1/runs/{run}/artifacts/{hash}"] = Readers,
        ["GET /api/v1/runs/{run}/tasks/{task}/attempts/{number:int}/log"] = Readers,
        ["GET /api/v1/runs/{run}/logs/stream"] = Readers,
        ["GET /api/v1/runs/{run}/stream"] = Readers,
        ["POST /api/v1/runs/{run}/retry"] = Operators,
        ["POST /api/v1/runs/{run}/retry/plan"] = Readers,
        ["POST /api/v1/runs/{run}/cancel"] = Operators,
        ["POST /api/v1/runs/{run}/pause"] = Operators,
        ["POST /api/v1/runs/{run}/resume"] = Operators,
        ["POST /api/v1/runs/{run}/tasks/{task}/answer"] = Approvers,
        ["POST /api/v1/runs/{run}/tasks/{task}/mark"] = Operators,
        ["POST /hooks/{name}"] = Everybody,
        ["GET /api/v1/schedules"] = Readers,
        ["GET /api/v1/schedules/{pipeline}/{name}"] = Readers,
        ["GET /api/v1/schedules/{pipeline}/{name}/next"] = Readers,
        ["GET /api/v1/schedules/{pipeline}/{name}/ticks"] = Readers,
        ["POST /api/v1/schedules/{pipeline}/{name}/pause"] = Operators,
        ["POST /api/v1/schedules/{pipeline}/{name}/resume"] = Operators,
        ["GET /api/v1/triggers"] = Readers,
        ["GET /api/v1/triggers/{pipeline}/{name}"] = Readers,
        ["GET /api/v1/triggers/{pipeline}/{name}/ticks"] = Readers,
        ["POST /api/v1/triggers/{pipeline}/{name}/pause"] = Operators,
        ["POST /api/v1/triggers/{pipeline}/{name}/resume"] = Operators,
        ["GET /api/v1/backfills"] = Readers,
        ["POST /api/v1/backfills"] = Operators,
        ["GET /api/v1/backfills/{backfill}"] = Readers,
        ["GET /api/v1/backfills/{backfill}/items"] = Readers,
        ["POST /api/v1/backfills/{backfill}/start"] = Operators,
        ["POST /api/v1/backfills/{backfill}/pause"] = Operators,
        ["POST /api/v1/backfills/{backfill}/resume"] = Operators,
        ["POST /api/v1/backfills/{backfill}/cancel"] = Operators,
        ["POST /api/v1/backfills/{backfill}/retry"] = Operators,
        ["POST /api/v1/runs/{run}/migrate/plan"] = Readers,
        ["POST /api/v1/runs/{run}/migrate"] = Operators,
        ["POST /api/v1/signals"] = Operators,
        ["GET /api/v1/datasets"] = Readers,
        ["GET /api/v1/datasets/{dataset}"] = Readers,
        ["GET /api/v1/datasets/{dataset}/versions"] = Readers,
        ["GET /api/v1/datasets/{dataset}/versions/{version}"] = Readers,
        ["GET /api/v1/datasets/{dataset}/diff"] = Readers,
        ["GET /api/v1/models"] = Readers,
        ["GET /api/v1/models/{model}"] = Readers,
        ["GET /api/v1/models/{model}/versions"] = Readers,
        ["GET /api/v1/models/{model}/versions/{version:int}"] = Readers,
        ["PUT /api/v1/models/{model}/aliases/{alias}"] = Operators,
        ["DELETE /api/v1/models/{model}/aliases/{alias}"] = Operators,
        ["GET /api/v1/endpoints"] = Readers,
        ["GET /api/v1/endpoints/{endpoint}"] = Readers,
        ["GET /api/v1/endpoints/{endpoint}/history"] = Readers,
        ["POST /api/v1/endpoints/{endpoint}/rollback"] = Operators,
        ["GET /api/v1/search"] = Readers,
        ["GET /api/v1/questions"] = Readers,
        ["GET /api/v1/events"] = Readers,
        ["GET /api/v1/keys"] = Admins,
        ["POST /api/v1/keys"] = Admins,
        ["DELETE /api/v1/keys/{id}"] = Admins,
        ["GET /api/v1/users"] = Admins,
        ["PUT /api/v1/users/{name}"] = Admins,
        ["POST /api/v1/users/{name}/link"] = Admins,
        ["GET /api/v1/alerts"] = Readers,
        ["POST /api/v1/alerts"] = Operators,
        ["GET /api/v1/alerts/{id}"] = Readers,
        ["POST /api/v1/alerts/{id}/acknowledge"] = Operators,
        ["POST /api/v1/alerts/{id}/close"] = Operators,
        ["GET /api/v1/notifications"] = Admins,
        ["GET /api/v1/notifications/{id}"] = Admins,
        ["GET /api/v1/channels"] = Admins,
        ["POST /api/v1/channels/{name}/test"] = Admins,
        ["GET /api/v1/audit"] = Admins,
        ["GET /api/v1/audit/verify"] = Admins,
        ["GET /api/v1/retention"] = Admins,
        ["POST /api/v1/retention/apply"] = Admins,
    };

    private ServedHome served = null!;
    private Dictionary<string, ApiClient> clients = null!;
    private string run = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        served = await ServedHome.StartAsync();
        await served.RegisterAsync(Samples.Sum);
        run = await served.StartRunAsync("sum");
        await served.RunWhenAsync(run, "succeeded");
        clients = new Dictionary<string, ApiClient> { ["none"] = await served.KeyAsync("none") };
        foreach (var role in Roles)
        {
            clients[role] = await served.KeyAsync(role, role);
        }
    }

    [OneTimeTearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public void EachEndpointIsInTheTableAndSaysWhatItNeeds()
    {
        var endpoints = served.Server.Endpoints.OfType<RouteEndpoint>().ToArray();
        Assert.That(endpoints.SelectMany(NamesOf).Distinct(), Is.EquivalentTo(Table.Keys));
        Assert.That(endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Need>() is null).SelectMany(NamesOf), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Cases => Table.Keys.Select(name => new TestCaseData(name).SetName($"OnlyThoseInTheTableReachIt({name})"));

    [TestCaseSource(nameof(Cases))]
    public async Task OnlyThoseInTheTableReachIt(string name)
    {
        var (method, path) = (new HttpMethod(name.Split(' ')[0]), PathOf(name.Split(' ')[1]));
        Assert.That((await AskAsync(served.Client(null), method, path)).Status == HttpStatusCode.Unauthorized, Is.EqualTo(Table[name] != Everybody), "without a sign-in");
        foreach (var (role, client) in clients)
        {
            var answer = await AskAsync(client, method, path);
            var refused = answer.Code is "ORC6022" or "ORC6024" || answer.Status == HttpStatusCode.Unauthorized;

            Assert.That(refused, Is.EqualTo(Table[name] != Everybody && !Table[name].Split(' ').Contains(role)), $"{role}: {answer.Status} {answer.Text[..Math.Min(300, answer.Text.Length)]}");
            Assert.That((int)answer.Status, Is.LessThan(500), answer.Text);
        }
    }

    private static async Task<ApiAnswer> AskAsync(ApiClient client, HttpMethod method, string path)
    {
        if (path.EndsWith("/events", StringComparison.Ordinal) && path.StartsWith("/api/v1/events", StringComparison.Ordinal))
        {
            // It does not end by itself: the head says all.
            using var response = await client.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            return new ApiAnswer(response.StatusCode, response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
        }

        return await client.SendAsync(method, path, method == HttpMethod.Get || method == HttpMethod.Delete ? null : new StringContent("{}", System.Text.Encoding.UTF8, "application/json"));
    }

    private static IEnumerable<string> NamesOf(RouteEndpoint endpoint)
    {
        var path = "/" + endpoint.RoutePattern.RawText!.Trim('/');
        return (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Where(method => method != "HEAD").Select(method => $"{method} {path}");
    }

    private string PathOf(string pattern) => pattern
        .Replace("{run}", run, StringComparison.Ordinal)
        .Replace("{task}", "first", StringComparison.Ordinal)
        .Replace("{number:int}", "1", StringComparison.Ordinal)
        .Replace("{version:int}", "1", StringComparison.Ordinal)
        .Replace("{pipeline}", "nothing", StringComparison.Ordinal)
        .Replace("{backfill}", "nothing", StringComparison.Ordinal)
        .Replace("{dataset}", "nothing", StringComparison.Ordinal)
        .Replace("{model}", "nothing", StringComparison.Ordinal)
        .Replace("{endpoint}", "nothing", StringComparison.Ordinal)
        .Replace("{alias}", "nothing", StringComparison.Ordinal)
        .Replace("{version}", "nothing", StringComparison.Ordinal)
        .Replace("{hash}", new string('0', 64), StringComparison.Ordinal)
        .Replace("{type}", "test.add", StringComparison.Ordinal)
        .Replace("{documentName}", "v1", StringComparison.Ordinal)
        .Replace("{documentName?}", "", StringComparison.Ordinal)
        .Replace("{id}", "nobody", StringComparison.Ordinal)
        // Deleting the pipeline that the others are about would change what they say.
        .Replace("{name}", "nothing", StringComparison.Ordinal);
}
