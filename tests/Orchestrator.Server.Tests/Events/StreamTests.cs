using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl;
using Orchestrator.Runtime.Coordination;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Events;

/// <summary>Server-sent events: as they happen, from where one left off, and what happens elsewhere too.</summary>
public sealed class StreamTests
{
    private ServedHome served = null!;

    [SetUp]
    public async Task StartAsync() => served = await ServedHome.StartAsync();

    [TearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    [CancelAfter(60_000)]
    public async Task TheEventsOfARunComeAsTheyHappenUntilItHasEnded(CancellationToken cancellation)
    {
        await served.RegisterAsync(Samples.Gated("stream"));
        var run = await served.StartRunAsync("gated");
        var types = new List<string>();

        await foreach (var sent in FollowAsync($"runs/{run}/stream", null, cancellation))
        {
            types.Add(sent.Type);
            if (sent.Type == "attempt-started")
            {
                WaitAtGate.Open("stream");
            }
        }

        Assert.That(types, Is.EqualTo(new[] { "run-accepted", "task-turn-came", "task-prepared", "attempt-started", "attempt-succeeded", "task-turn-came", "task-prepared", "attempt-started", "attempt-succeeded", "run-ended", "end" }));
    }

    /// <summary>A run that started by itself is worked on, told of and seen to its end like one that somebody asked for.</summary>
    [Test]
    [CancelAfter(60_000)]
    public async Task TheEventsOfARunThatStartedByItselfComeAsTheyHappenToo(CancellationToken cancellation)
    {
        await served.RegisterAsync(Samples.Sum);
        await served.RegisterAsync(Samples.Gated("by-itself").Replace("\"tasks\"", "\"triggers\": [ { \"pipeline\": \"sum\", \"outcome\": \"succeeded\" } ], \"tasks\"", StringComparison.Ordinal));
        await served.RunWhenAsync(await served.StartRunAsync("sum"), "succeeded");
        string? run = null;
        await ServedHome.UntilAsync("the run that follows", async () =>
            (run = (await served.Owner.GetAsync("runs?pipeline=gated")).Json.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("id").GetString()).FirstOrDefault()) is not null);
        var types = new List<string>();

        await foreach (var sent in FollowAsync($"runs/{run}/stream", null, cancellation))
        {
            types.Add(sent.Type);
            if (sent.Type == "attempt-started")
            {
                WaitAtGate.Open("by-itself");
            }
        }

        Assert.That(types.TakeLast(2), Is.EqualTo(new[] { "run-ended", "end" }));
        Assert.That(served.Log, Does.Contain(run), "and the log speaks of it");
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task WhoComesBackGoesOnAfterTheLastEvent(CancellationToken cancellation)
    {
        await served.RegisterAsync(Samples.Sum);
        var run = await served.StartRunAsync("sum");
        await served.RunWhenAsync(run, "succeeded");

        var all = await ListAsync(FollowAsync($"runs/{run}/stream", null, cancellation));
        var rest = await ListAsync(FollowAsync($"runs/{run}/stream", "4", cancellation));
        var after = await ListAsync(FollowAsync($"runs/{run}/stream?after=4", null, cancellation));

        Assert.That(all.SkipLast(1).Select(sent => sent.Id), Is.EqualTo(Enumerable.Range(1, all.Count - 1).Select(number => $"{number}")));
        Assert.That(rest.Select(sent => sent.Data.ToString()), Is.EqualTo(all.Skip(4).Select(sent => sent.Data.ToString())));
        Assert.That(after.Select(sent => sent.Id), Is.EqualTo(rest.Select(sent => sent.Id)));
        Assert.That((await served.Owner.GetAsync($"runs/{run}/stream?after=x")).Code, Is.EqualTo("ORC6010"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task WhoFollowsEverythingSeesAllRunsAndGoesOnWhereTheConnectionBroke(CancellationToken cancellation)
    {
        await served.RegisterAsync(Samples.Sum);
        string? first = null;
        var before = new List<Sent>();
        await foreach (var sent in FollowAsync("events", null, cancellation))
        {
            before.Add(sent);
            if (sent.Type == "begin")
            {
                first = await served.StartRunAsync("sum");
            }

            if (sent.Type == "run-ended")
            {
                break;
            }
        }

        var second = await served.StartRunAsync("sum");
        await served.RunWhenAsync(second, "succeeded");
        var after = new List<Sent>();
        await foreach (var sent in FollowAsync("events", before[4].Id, cancellation))
        {
            after.Add(sent);
            if (sent.Type == "run-ended" && sent.Data.GetProperty("run").GetString() == second)
            {
                break;
            }
        }

        Assert.That(before.Skip(1).Select(sent => sent.Data.GetProperty("run").GetString()), Is.All.EqualTo(first));
        Assert.That(after.Take(before.Count - 5).Select(sent => sent.Id), Is.EqualTo(before.Skip(5).Select(sent => sent.Id)), "none is missing and none comes twice");
        Assert.That(after.Select(sent => sent.Data.GetProperty("sequence").GetInt64()).TakeLast(10), Is.EqualTo(Enumerable.Range(1, 10)));
        Assert.That(after[^1].Data.GetProperty("status").GetString(), Is.EqualTo("succeeded"));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task WhoMissedTooMuchIsToldSo(CancellationToken cancellation)
    {
        await foreach (var sent in FollowAsync("events", "0-17", cancellation))
        {
            Assert.That(sent.Type, Is.EqualTo("reset"));
            Assert.That(sent.Id, Is.Not.Null);
            break;
        }
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task WhatAnotherProcessWorksOnIsSeenToo(CancellationToken cancellation)
    {
        await using var other = served.CreateEngine();
        var pipeline = new PipelineDefinition { Name = "elsewhere", Tasks = [new TaskDefinition { Name = new TaskName("wait"), Uses = "test.gate", With = System.Collections.Immutable.ImmutableSortedDictionary<string, JsonElement>.Empty.Add("gate", JsonElement.Parse("\"elsewhere\"")) }] };
        var seen = new List<string>();
        RunHandle? handle = null;

        await foreach (var sent in FollowAsync("events", null, cancellation))
        {
            seen.Add(sent.Type);
            if (sent.Type == "begin")
            {
                // The watch must have looked once before the run begins, or the run is none of its news.
                await Task.Delay(TimeSpan.FromSeconds(2.5), cancellation);
                handle = await other.StartAsync(StartOf(pipeline), IRunListener.None, cancellation);
            }

            if (sent.Type == "attempt-started")
            {
                WaitAtGate.Open("elsewhere");
            }

            if (sent.Type == "run-ended")
            {
                Assert.That(sent.Data.GetProperty("run").GetString(), Is.EqualTo(handle?.Id.Value));
                break;
            }
        }

        Assert.That(seen, Is.EqualTo(new[] { "begin", "run-accepted", "task-turn-came", "task-prepared", "attempt-started", "attempt-succeeded", "run-ended" }));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task TheLinesOfLogsComeAsTheyAreWritten(CancellationToken cancellation)
    {
        await served.RegisterAsync(Samples.Sum);
        var run = await served.StartRunAsync("sum");

        var lines = await ListAsync(FollowAsync($"runs/{run}/logs/stream", null, cancellation));

        Assert.That(lines.Where(sent => sent.Type == "line").Select(sent => $"{sent.Data.GetProperty("task")} {sent.Data.GetProperty("text")}"), Is.EqualTo(new[] { "first 1 + 2", "second 3 + 10" }));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task AServerThatStopsEndsItsStreams(CancellationToken cancellation)
    {
        var following = ListAsync(FollowAsync("events", null, cancellation));
        await ServedHome.UntilAsync("somebody follows", () => Task.FromResult(served.Server.Services.GetService(typeof(Working.RunFeed)) is Working.RunFeed { IsFollowed: true }));

        await served.StopAsync(drain: true);

        Assert.That(await following, Is.Not.Null);
    }

    private RunStart StartOf(PipelineDefinition pipeline) => new()
    {
        Pipeline = pipeline,
        Definition = new Storage.Definitions.StoredDefinition { Hash = DefinitionWriter.Hash(pipeline), Pipeline = pipeline.Name, Json = DefinitionWriter.ToJson(pipeline), SourceKind = "json", CreatedAt = DateTimeOffset.UnixEpoch },
        Params = System.Collections.Immutable.ImmutableSortedDictionary<string, JsonElement>.Empty,
        BaseDirectory = served.Folder,
    };

    private async IAsyncEnumerable<Sent> FollowAsync(string path, string? last, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{path}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (last is not null)
        {
            request.Headers.Add("Last-Event-ID", last);
        }

        using var response = await served.Owner.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        var (id, type) = ((string?)null, "");
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            switch (line.Split(": ", 2))
            {
                case ["id", var value]:
                    id = value;
                    break;
                case ["event", var value]:
                    type = value;
                    break;
                case ["data", var value]:
                    yield return new Sent(id, type, JsonElement.Parse(value));
                    id = null;
                    break;
            }
        }
    }

    private static async Task<List<Sent>> ListAsync(IAsyncEnumerable<Sent> stream)
    {
        var all = new List<Sent>();
        await foreach (var one in stream)
        {
            all.Add(one);
        }

        return all;
    }

    private sealed record Sent(string? Id, string Type, JsonElement Data);
}
