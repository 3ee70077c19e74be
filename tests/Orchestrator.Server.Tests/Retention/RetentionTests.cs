using System.Net;
using Orchestrator.Server.Tests.Serving;
using Orchestrator.Storage.Retention;

namespace Orchestrator.Server.Tests.Retention;

/// <summary>What is older than a home keeps goes when an admin says so, or by itself when a setting does.</summary>
public sealed class RetentionTests
{
    [Test]
    public async Task APlanSaysWhatWouldGoAndApplyingItRemovesThat()
    {
        await using var served = await ServeAsync("""{ "retention.runs": "1s", "retention.keep-runs": "1" }""");
        var (old, young) = (await RunAsync(served), await RunAsync(served));
        await ServedHome.UntilAsync("old enough", async () => (await served.Owner.GetAsync("retention")).Json.GetProperty("keptCount").GetInt32() == 1);

        var plan = (await served.Owner.GetAsync("retention?limit=5")).Json;
        Assert.That(plan.GetProperty("removeCount").GetInt32(), Is.EqualTo(1));
        Assert.That(plan.GetProperty("remove")[0].GetProperty("run").GetString(), Is.EqualTo(old));
        Assert.That(plan.GetProperty("kept")[0].GetProperty("why").GetString(), Is.EqualTo("it is one of the newest 1 of sum"));
        Assert.That((await served.Owner.GetAsync("retention?limit=0")).Status, Is.EqualTo(HttpStatusCode.BadRequest));

        var applied = await served.Owner.PostAsync("retention/apply", new { });
        Assert.That((applied.Status, applied.Json.GetProperty("runs").GetInt32()), Is.EqualTo((HttpStatusCode.OK, 1)), applied.Text);

        var gone = await served.Owner.GetAsync($"runs/{old}");
        Assert.That((gone.Status, gone.Code), Is.EqualTo((HttpStatusCode.Gone, "ORC6400")));
        Assert.That((await served.Owner.GetAsync($"runs/{old[..^1]}")).Status, Is.EqualTo(HttpStatusCode.NotFound), "a beginning is no id");
        Assert.That((await served.Owner.GetAsync($"runs/{young}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Directory.Exists(Path.Combine(served.HomeFolder, "logs", old)), Is.False);
        Assert.That((await served.Owner.GetAsync("audit?action=retention.apply")).Json.GetProperty("items").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task WhoMayNotSeeThePipelineIsNotToldThatThereWasARun()
    {
        await using var served = await ServeAsync("""{ "retention.runs": "1s", "retention.keep-runs": "0" }""");
        await served.RegisterAsync(Samples.Sum, "secret");
        var (old, _) = (await RunAsync(served, register: false), await RunAsync(served, register: false));
        await ServedHome.UntilAsync("removed", async () => (await served.Owner.PostAsync("retention/apply", new { })).Json.GetProperty("runs").GetInt32() == 1);

        var stranger = await served.KeyAsync("stranger", "other:viewer");

        Assert.That((await served.Owner.GetAsync($"runs/{old}")).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await stranger.GetAsync($"runs/{old}")).Code, Is.EqualTo("ORC5240"));
    }

    [Test]
    public async Task AServerDoesItByItselfWhenASettingSaysHowOften()
    {
        await using var served = await ServeAsync("""{ "retention.runs": "1s", "retention.keep-runs": "0", "retention.every": "1s" }""");
        var (old, _) = (await RunAsync(served), await RunAsync(served));

        await ServedHome.UntilAsync("removed", async () => (await served.Owner.GetAsync($"runs/{old}")).Status == HttpStatusCode.Gone);
        Assert.That((await new Duties(served.Database).ListAsync(CancellationToken.None)).Single().Owner, Does.StartWith(Environment.MachineName));
    }

    private static async Task<ServedHome> ServeAsync(string settings)
    {
        var served = ServedHome.Unserved();
        Directory.CreateDirectory(served.HomeFolder);
        await File.WriteAllTextAsync(Path.Combine(served.HomeFolder, "settings.json"), settings);
        await served.StartServerAsync();
        return served;
    }

    private static async Task<string> RunAsync(ServedHome served, bool register = true)
    {
        if (register)
        {
            await served.RegisterAsync(Samples.Sum);
        }

        var run = await served.StartRunAsync("sum");
        await served.RunWhenAsync(run, "succeeded");
        return run;
    }
}
