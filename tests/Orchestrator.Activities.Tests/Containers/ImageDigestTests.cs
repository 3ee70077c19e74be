using Orchestrator.Activities.Containers;
using Orchestrator.Activities.Tests.Commands;
using Orchestrator.Core.Activities;

namespace Orchestrator.Activities.Tests.Containers;

/// <summary>Which image a result is kept for. A script stands in for podman, since only its answer counts.</summary>
[Platform("Linux", Reason = "a shell script stands in for podman")]
public sealed class ImageDigestTests
{
    private static readonly string Digest = $"sha256:{new string('a', 64)}";

    private CommandEnvironment environment = null!;

    [SetUp]
    public void Start() => environment = new CommandEnvironment(typeof(RunContainer));

    [TearDown]
    public async Task End() => await environment.DisposeAsync();

    [Test]
    public async Task ADigestInTheNameIsBelieved() => Assert.That(await FindAsync($"python@{Digest}", "always", engine: null), Is.EqualTo(Digest));

    [Test]
    public async Task ATagIsAskedForAndPodmansFormIsUnderstood() =>
        Assert.That(await FindAsync("python:3", "missing", Engine($"test \"$*\" = 'image inspect --format {{{{.Id}}}} python:3' && echo {new string('b', 64)}")), Is.EqualTo($"sha256:{new string('b', 64)}"));

    [Test]
    public async Task DockersFormIsUnderstoodToo() => Assert.That(await FindAsync("python:3", "never", Engine($"echo {Digest}")), Is.EqualTo(Digest));

    [TestCase("missing", "echo no such image >&2; exit 125")]
    [TestCase("missing", "echo something else")]
    [TestCase("always", "echo sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task WhatNobodyCanTellIsNull(string pull, string script) => Assert.That(await FindAsync("python:3", pull, Engine(script)), Is.Null);

    [Test]
    public async Task WithoutADigestNoResultIsKept()
    {
        var container = new RunContainer { Image = "python:3", Pull = "always", Sources = [] };

        Assert.That(Fingerprints.IsUnknown(await ActivityRunner.FingerprintAsync(container, Context())), Is.True);
    }

    [Test]
    public async Task ADigestIsPartOfTheFingerprint()
    {
        environment.WriteFile("train.py", "print(1)");
        var container = new RunContainer { Image = $"python@{Digest}", Sources = ["train.py"] };

        var parts = Fingerprints.PartsOf(await ActivityRunner.FingerprintAsync(container, Context()))!;

        Assert.That(parts["image"], Is.EqualTo(Digest));
        Assert.That(parts.Keys, Is.EquivalentTo(new[] { "image", "file train.py" }));
    }

    private string Engine(string script) => environment.WriteProgram("podman", $"#!/bin/sh\n{script}\n");

    private Task<string?> FindAsync(string image, string pull, string? engine) => ImageDigest.FindAsync(image, pull, engine, Context());

    private FingerprintContext Context() => new() { BaseDirectory = environment.BaseDirectory, Cancellation = CancellationToken.None };
}
