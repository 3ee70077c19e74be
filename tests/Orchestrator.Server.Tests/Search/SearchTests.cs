using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Search;

/// <summary>One question to everything.</summary>
public sealed class SearchTests
{
    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task EverythingWithThePartInItsNameIsFoundByItsType()
    {
        await served.RegisterAsync(Samples.Sum.Replace("\"sum\",", "\"churn-sum\",", StringComparison.Ordinal));
        await served.RegisterAsync(Samples.Scheduled.Replace("\"yearly\"", "\"churn\"", StringComparison.Ordinal));
        var run = await served.StartRunAsync("churn-sum");
        await served.RunWhenAsync(run, "succeeded");
        var backfill = (await served.Owner.PostAsync("backfills", new { pipeline = "churn", from = "2020-01-01", to = "2022-01-01" })).Json.GetProperty("id").GetString()!;

        var found = (await served.Owner.GetAsync("search?q=CHURN")).Json;

        Assert.That(HitsOf(found), Is.EqualTo(new[]
        {
            "pipeline churn", "pipeline churn-sum", $"run {run}", "trigger churn/after-sum", "trigger churn/nightly", $"backfill {backfill}", "model churn", "endpoint churn",
        }));
        foreach (var hit in found.GetProperty("items").EnumerateArray())
        {
            Assert.That((int)(await served.Owner.GetAsync(hit.GetProperty("href").GetString()!)).Status, Is.EqualTo(200), hit.GetRawText());
        }

        Assert.That(HitsOf((await served.Owner.GetAsync("search?q=custom")).Json), Is.EqualTo(new[] { "dataset customers" }));
        Assert.That(HitsOf((await served.Owner.GetAsync($"search?q={run[..20].ToLowerInvariant()}&type=run")).Json), Is.EqualTo(new[] { $"run {run}" }));
        Assert.That(HitsOf((await served.Owner.GetAsync("search?q=churn&type=model&type=pipeline&limit=1")).Json), Is.EqualTo(new[] { "pipeline churn", "model churn" }));
        Assert.That((await served.Owner.GetAsync("search?q=churn&type=pipeline&limit=1")).Json.GetProperty("more").GetRawText(), Is.EqualTo("""["pipeline"]"""));
    }

    [Test]
    public async Task ARunIsFoundByWhyItFailed()
    {
        await served.RegisterAsync(Samples.Failing);
        var run = await served.StartRunAsync("failing");
        var failure = (await served.RunWhenAsync(run, "failed")).GetProperty("failure").GetProperty("code").GetString();

        Assert.That(HitsOf((await served.Owner.GetAsync($"search?q={failure}")).Json), Is.EqualTo(new[] { $"run {run}" }));
    }

    [Test]
    public async Task OnlyWhatTheCallerMaySeeIsFound()
    {
        await served.RegisterAsync(Samples.Scheduled.Replace("\"yearly\"", "\"churn\"", StringComparison.Ordinal), "sales");
        var run = await served.StartRunAsync("churn");
        await served.Owner.PostAsync("backfills", new { pipeline = "churn", from = "2020-01-01", to = "2022-01-01" });
        var (none, theirs) = (await served.KeyAsync("none", "default:admin"), await served.KeyAsync("theirs", "sales:viewer"));

        Assert.That(HitsOf((await none.GetAsync("search?q=churn")).Json), Is.Empty);
        Assert.That(HitsOf((await none.GetAsync($"search?q={run}")).Json), Is.Empty);
        Assert.That(HitsOf((await theirs.GetAsync("search?q=churn")).Json).Select(hit => hit.Split(' ')[0]).Distinct(), Is.EqualTo(new[] { "pipeline", "run", "trigger", "backfill" }), "models and endpoints are of no project");
    }

    [TestCase("search", "ORC6008")]
    [TestCase("search?q=", "ORC6008")]
    [TestCase("search?q=%20", "ORC6008")]
    [TestCase("search?q=x&type=wizard", "ORC6008")]
    [TestCase("search?q=x&limit=51", "ORC6008")]
    [TestCase("search?query=x", "ORC6009")]
    public async Task AWrongQuestionIsAnsweredWithWhatIsWrong(string path, string code) => Assert.That((await served.Owner.GetAsync(path)).Code, Is.EqualTo(code));

    private static string[] HitsOf(JsonElement found) => [.. found.GetProperty("items").EnumerateArray().Select(hit => $"{hit.GetProperty("type").GetString()} {hit.GetProperty("id").GetString()}")];
}
