using System.Net;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Runs;

/// <summary>More starts than the server keeps up with.</summary>
public sealed class StartGateTests
{
    [Test]
    public async Task WhoComesWhenTheLineIsFullIsToldToComeLaterAndHasStartedNothing()
    {
        await using var served = await ServedHome.StartAsync((_, options) => options with { StartsAtOnce = 1, StartsWaiting = 1 });
        await served.RegisterAsync(Samples.Sum);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => served.Owner.PostAsync("runs", new { pipeline = "sum" })));

        var accepted = answers.Where(answer => answer.Status == HttpStatusCode.Created).ToArray();
        Assert.That(accepted, Is.Not.Empty);
        Assert.That(answers.Except(accepted).Select(answer => (answer.Status, answer.Code, answer.Headers.RetryAfter is not null)), Is.Not.Empty.And.All.EqualTo((HttpStatusCode.TooManyRequests, "ORC6017", true)));
        Assert.That((await served.Owner.GetAsync("runs?limit=500")).Json.GetProperty("items").GetArrayLength(), Is.EqualTo(accepted.Length));
        Assert.That((await served.Owner.PostAsync("runs", new { pipeline = "sum" })).Status, Is.EqualTo(HttpStatusCode.Created), "and there is room again");
    }
}
