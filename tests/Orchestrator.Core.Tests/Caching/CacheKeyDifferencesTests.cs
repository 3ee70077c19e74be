using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Caching;

namespace Orchestrator.Core.Tests.Caching;

public sealed class CacheKeyDifferencesTests
{
    private static readonly CacheKeyParts Parts = Of("""{ "seed": 7, "trainer": { "kind": "lightgbm", "options": { "leaves": 31, "rate": 0.1 } } }""");

    [Test]
    public void Between_EqualParts_IsEmpty() => Assert.That(CacheKeyDifferences.Between(Parts, Parts with { }), Is.Empty);

    [Test]
    public void Between_EqualNumbersWrittenOtherwise_IsEmptyLikeTheirHashes()
    {
        var other = Of("""{ "seed": 7.0, "trainer": { "options": { "rate": 1e-1, "leaves": 31 }, "kind": "lightgbm" } }""");

        Assert.That(CacheKeyDifferences.Between(Parts, other), Is.Empty);
        Assert.That(other.Hash(), Is.EqualTo(Parts.Hash()));
    }

    [Test]
    public void Between_NestedInputs_NamesTheMembersThatDiffer() => Assert.That(
        CacheKeyDifferences.Between(Parts, Of("""{ "seed": 7, "trainer": { "kind": "lightgbm", "options": { "leaves": 63, "depth": 3 } } }""")),
        Is.EqualTo(new[] { "input trainer.options.leaves was 31 and is 63", "input trainer.options.rate is gone: it was 0.1", "input trainer.options.depth is new: 3" }));

    [Test]
    public void Between_InputsComeAndGo_SaysSo() => Assert.That(
        CacheKeyDifferences.Between(Of("""{ "a": 1 }"""), Of("""{ "b": [1, 2] }""")),
        Is.EqualTo(new[] { "input a is gone: it was 1", "input b is new: [1, 2]" }));

    [Test]
    public void Between_AnotherActivity_SaysOnlyThat() => Assert.That(
        CacheKeyDifferences.Between(Parts, Of("{}") with { Activity = "data.split" }), Is.EqualTo(new[] { "the activity was train.classifier and is data.split" }));

    [Test]
    public void Between_VersionAndFingerprint_AreNamed() => Assert.That(
        CacheKeyDifferences.Between(Parts, Parts with { Version = 2, Fingerprint = "x" }),
        Is.EqualTo(new[] { "version 1 of train.classifier became version 2", "what it reads outside of its inputs has changed: a source file, or the code of its command" }));

    [Test]
    public void Between_PartsOfFingerprints_AreNamed()
    {
        static string Hash(char digit) => new(digit, 64);
        var earlier = Parts with { Fingerprint = Fingerprints.Of([new("program", "/usr/bin/python3"), new("file train.py", Hash('a')), new("file old.py", Hash('b'))]) };
        var now = Parts with { Fingerprint = Fingerprints.Of([new("program", "/venv/bin/python3"), new("file train.py", Hash('c')), new("image", "sha256:1")]) };

        Assert.That(CacheKeyDifferences.Between(earlier, now), Is.EqualTo(new[]
        {
            "file old.py is gone", "file train.py has changed", "image is new: sha256:1", "program was /usr/bin/python3 and is /venv/bin/python3",
        }));
    }

    [Test]
    public void Between_VariablesAndScope_AreNamed()
    {
        static ImmutableSortedDictionary<string, string?> Variables(params (string Name, string? Value)[] given) => given.ToImmutableSortedDictionary(one => one.Name, one => one.Value);
        var earlier = Parts with { Environment = Variables(("A", "1"), ("B", null), ("C", "x")) };
        var now = Parts with { Environment = Variables(("A", "2"), ("B", null), ("D", "y")), Scope = "churn" };

        Assert.That(CacheKeyDifferences.Between(earlier, now), Is.EqualTo(new[]
        {
            "variable A was \"1\" and is \"2\"", "variable C does not count any more", "variable D counts now: it is \"y\"",
            "its result was kept for every pipeline of the home and is looked for among those for pipeline churn only",
        }));
    }

    [Test]
    public void Hash_PartsOfBeforeScopesAndVariables_IsTheOneItWas() =>
        Assert.That(Parts.Hash(), Is.EqualTo("f432c9e37a3a38eb4473aa2c73201bd3cc39b6710525bff43b2a0084fa0b2276"), "or every result in every home would be forgotten");

    [Test]
    public void Between_LongValues_AreCut()
    {
        var sentence = CacheKeyDifferences.Between(Of("{}"), Of($$"""{ "text": "{{new string('a', 500)}}" }""")).Single();

        Assert.That(sentence, Has.Length.LessThan(100).And.EndsWith("…"));
    }

    private static CacheKeyParts Of(string inputs) => new()
    {
        Activity = "train.classifier",
        Version = 1,
        Inputs = JsonDocument.Parse(inputs).RootElement.EnumerateObject().ToImmutableSortedDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal),
    };
}
