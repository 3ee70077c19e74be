using System.Net;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Runs;

/// <summary>Logs and artifacts: in ranges, under the name they have, and nothing else of the disk.</summary>
public sealed class FileTests
{
    private ServedHome served = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [OneTimeTearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public async Task AnArtifactIsReadWholeAndInRanges()
    {
        var (run, hash) = await LeaveAsync("report \"ü\".txt", "text/plain");

        var whole = await served.Owner.GetAsync($"runs/{run}/artifacts/{hash}");
        Assert.That((whole.Text, whole.ContentHeaders.ContentType?.MediaType, whole.ContentHeaders.ContentDisposition?.DispositionType, whole.Tag), Is.EqualTo(("0123456789", "text/plain", "attachment", $"\"{hash}\"")));
        Assert.That(whole.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
        var part = await served.Owner.GetAsync($"runs/{run}/artifacts/{hash}", ("Range", "bytes=2-4"));
        Assert.That((part.Status, part.Text, part.ContentHeaders.ContentRange?.ToString()), Is.EqualTo((HttpStatusCode.PartialContent, "234", "bytes 2-4/10")));
        Assert.That((await served.Owner.GetAsync($"runs/{run}/artifacts/{hash}", ("Range", "bytes=-3"))).Text, Is.EqualTo("789"));
        Assert.That((int)(await served.Owner.GetAsync($"runs/{run}/artifacts/{hash}", ("Range", "bytes=50-60"))).Status, Is.EqualTo(416));
        Assert.That((await served.Owner.GetAsync($"runs/{run}/artifacts/{hash}", ("If-None-Match", $"\"{hash}\""))).Status, Is.EqualTo(HttpStatusCode.NotModified));
    }

    [TestCase("a\r\nSet-Cookie: x=1", "text/plain")]
    [TestCase("plain.txt", "text/html\r\nSet-Cookie: x=1")]
    [TestCase("../../../etc/passwd", "nonsense")]
    public async Task WhatAnActivityCallsAFileIsNoHeaderAndNoPath(string name, string mediaType)
    {
        var (run, hash) = await LeaveAsync(name, mediaType);

        var answer = await served.Owner.GetAsync($"runs/{run}/artifacts/{hash}");

        Assert.That((answer.Status, answer.Text), Is.EqualTo((HttpStatusCode.OK, "0123456789")));
        Assert.That(answer.Headers.Contains("Set-Cookie"), Is.False);
        Assert.That(answer.ContentHeaders.ContentDisposition?.FileName ?? "", Does.Not.Contain("\n").And.Not.Contain("\r"));
    }

    [TestCase("artifacts/{0}")]
    [TestCase("artifacts/..%2F..%2Fhome.json")]
    [TestCase("artifacts/%2e%2e%2f%2e%2e%2fhome.json")]
    [TestCase("tasks/..%2F..%2F..%2Fhome.json/attempts/1/log")]
    [TestCase("tasks/first/attempts/99/log")]
    public async Task OnlyWhatTheRunUsesIsThere(string path)
    {
        await served.RegisterAsync(Samples.Sum);
        var run = await served.StartRunAsync("sum");
        await served.RunWhenAsync(run, "succeeded");
        // It is there, and of another run.
        var (_, other) = await LeaveAsync("other.txt", "text/plain");

        var answer = await served.Owner.GetAsync($"runs/{run}/{path.Replace("{0}", other, StringComparison.Ordinal)}");

        Assert.That((answer.Status, answer.Code is "ORC6046" or "ORC6047"), Is.EqualTo((HttpStatusCode.NotFound, true)), answer.Text);
    }

    [Test]
    public async Task ALogIsReadWholeAndInRanges()
    {
        await served.RegisterAsync(Samples.Sum);
        var run = await served.StartRunAsync("sum");
        await served.RunWhenAsync(run, "succeeded");

        var log = await served.Owner.GetAsync($"runs/{run}/tasks/first/attempts/1/log");

        Assert.That(log.Text, Does.EndWith("INFO  1 + 2\n"));
        Assert.That((await served.Owner.GetAsync($"runs/{run}/tasks/first/attempts/1/log", ("Range", "bytes=-6"))).Text, Is.EqualTo("1 + 2\n"));
    }

    private async Task<(string Run, string Hash)> LeaveAsync(string name, string mediaType)
    {
        await served.RegisterAsync("""{ "name": "leave", "params": { "name": { "type": "string" }, "type": { "type": "string" } }, "tasks": { "leave": { "uses": "test.file", "with": { "name": "${params.name}", "mediaType": "${params.type}" } } } }""");
        var run = await served.StartRunAsync("leave", new { name, type = mediaType });
        await served.RunWhenAsync(run, "succeeded");
        return (run, (await served.Owner.GetAsync($"runs/{run}/artifacts")).Json[0].GetProperty("hash").GetString()!);
    }
}
