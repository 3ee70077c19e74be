using System.Net;
using System.Text.Json;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Assets;

/// <summary>Datasets, models and endpoints over the API. What families answer is tested with them; here it is made up.</summary>
public sealed class AssetApiTests
{
    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task DatasetsAreShownWithTheirVersions()
    {
        Assert.That((await served.Owner.GetAsync("datasets")).Json.GetProperty("items")[0].GetProperty("name").GetString(), Is.EqualTo("customers"));
        Assert.That((await served.Owner.GetAsync("datasets?search=orders")).Json.GetProperty("items").GetArrayLength(), Is.Zero);
        Assert.That((await served.Owner.GetAsync("datasets/customers")).Json.GetProperty("versions").GetInt32(), Is.EqualTo(2));
        var first = (await served.Owner.GetAsync("datasets/customers/versions?limit=1")).Json;
        var second = (await served.Owner.GetAsync($"datasets/customers/versions?limit=1&cursor={first.GetProperty("next").GetString()}")).Json;
        Assert.That(second.GetProperty("items")[0].GetProperty("version").GetString(), Is.EqualTo(new string('a', 64)));
        Assert.That((await served.Owner.GetAsync("datasets/customers/versions/aaaa")).Json.GetProperty("profile").GetRawText(), Is.EqualTo("""{"rows":10}"""));
        Assert.That((await served.Owner.GetAsync("datasets/customers/diff?from=aaaa")).Json.GetProperty("rowsAdded").GetInt32(), Is.EqualTo(10));
    }

    [TestCase("datasets/orders", 404, "ORC5352")]
    [TestCase("datasets/customers/versions/ffff", 404, "ORC5353")]
    [TestCase("datasets/customers/diff", 400, "ORC6008")]
    [TestCase("models/orders", 404, "ORC5504")]
    [TestCase("models/churn/versions/9", 404, "ORC6056")]
    [TestCase("endpoints/orders", 404, "ORC5551")]
    [TestCase("endpoints/churn/history?cursor=x", 400, "ORC6010")]
    public async Task WhatIsNotThereIsSaidInTheFamilysWords(string path, int status, string code)
    {
        var answer = await served.Owner.GetAsync(path);

        Assert.That(((int)answer.Status, answer.Code), Is.EqualTo((status, code)), answer.Text);
    }

    [Test]
    public async Task AnAliasIsMovedAsItWasSeenAndTakenAway()
    {
        Assert.That((await served.Owner.PutAsync("models/churn/aliases/champion", new { version = 2, from = 2 })).Code, Is.EqualTo("ORC6011"), "it points at 1");
        var moved = await served.Owner.PutAsync("models/churn/aliases/champion", new { version = 2, from = 1, reason = "better" });
        Assert.That(moved.Text, Is.EqualTo("""{"model":"churn","alias":"champion","version":2,"previous":1}"""));
        Assert.That((await served.Owner.PutAsync("models/churn/aliases/champion", new { version = 9 })).Code, Is.EqualTo("ORC5505"));
        Assert.That((await served.Owner.DeleteAsync("models/churn/aliases/champion")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That((await served.Owner.DeleteAsync("models/churn/aliases/champion")).Code, Is.EqualTo("ORC6055"));
        var model = (await served.Owner.GetAsync("models/churn")).Json;
        Assert.That(model.GetProperty("aliasHistory").EnumerateArray().Select(change => change.TryGetProperty("version", out var version) ? version.GetInt32() : 0), Is.EqualTo(new[] { 0, 2 }));
        Assert.That((await served.Owner.GetAsync("models/churn/versions?limit=1")).Json.GetProperty("next").GetString(), Is.EqualTo("2"));
        Assert.That((await served.Owner.GetAsync("audit?action=model.alias")).Json.GetProperty("items").GetArrayLength(), Is.EqualTo(2), "what was refused is not in it");
    }

    [Test]
    public async Task AnEndpointIsTakenBackOnceForItsKey()
    {
        Assert.That((await served.Owner.GetAsync("endpoints/churn")).Json.GetProperty("rollbackTarget").GetProperty("version").GetInt32(), Is.EqualTo(1));

        var first = await served.Owner.PostAsync("endpoints/churn/rollback", new { reason = "worse" }, ("Idempotency-Key", "k"));
        var again = await served.Owner.PostAsync("endpoints/churn/rollback", new { reason = "worse" }, ("Idempotency-Key", "k"));

        Assert.That((first.Json.GetProperty("version").GetInt32(), again.Text), Is.EqualTo((1, first.Text)));
        Assert.That((await served.Owner.PostAsync("endpoints/churn/rollback", new { })).Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await served.Owner.GetAsync("endpoints/churn/history?limit=1")).Json.GetProperty("items")[0].GetProperty("kind").GetString(), Is.EqualTo("rollback"));
        Assert.That((await served.Owner.GetAsync("audit?action=endpoint.rollback")).Json.GetProperty("items").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task WhatIsOfNoProjectIsForThoseWithARoleInAll()
    {
        var some = await served.KeyAsync("some", "default:admin");

        foreach (var path in new[] { "datasets", "models/churn", "endpoints/churn/history" })
        {
            Assert.That((await some.GetAsync(path)).Code, Is.EqualTo("ORC6022"), path);
        }

        Assert.That((await some.PutAsync("models/churn/aliases/champion", new { version = 2 })).Code, Is.EqualTo("ORC6022"));
        Assert.That((await some.PostAsync("signals", new { kind = "dataset-updated", subject = "customers" })).Code, Is.EqualTo("ORC6022"));
    }

    [Test]
    public async Task WhatHappenedOutsideIsToldToThoseWhoWaitForIt()
    {
        await served.RegisterAsync("""{ "name": "train", "triggers": [ { "name": "fresh", "dataset": "orders", "when": "run.trigger.event.rows > 10" } ], "tasks": { "only": { "uses": "test.add", "with": { "left": 1 } } } }""");
        await served.Owner.GetAsync("triggers");

        var told = await served.Owner.PostAsync("signals", new { kind = "dataset-updated", subject = "orders", payload = new { rows = 11 } }, ("Idempotency-Key", "v7"));

        Assert.That((told.Status, told.Text), Is.EqualTo((HttpStatusCode.Accepted, """{"heard":true}""")));
        Assert.That((await served.Owner.PostAsync("signals", new { kind = "dataset-updated", subject = "orders", payload = new { rows = 11 } }, ("Idempotency-Key", "v7"))).Text, Is.EqualTo("""{"heard":false}"""));
        Assert.That((await served.Owner.PostAsync("signals", new { kind = "dataset-updated", subject = "nobody" })).Text, Is.EqualTo("""{"heard":false}"""));
        await ServedHome.UntilAsync("its run was started", async () => (await served.Owner.GetAsync("triggers/train/fresh")).Json.GetProperty("ticks").TryGetProperty("started", out _));
        Assert.That((await served.Owner.PostAsync("signals", new { kind = "run-ended", subject = "train" })).Code, Is.EqualTo("ORC6007"), "only this program says that");
        Assert.That((await served.Owner.PostAsync("signals", new { kind = "dataset-updated", subject = "orders", payload = 5 })).Code, Is.EqualTo("ORC6007"));
    }
}
