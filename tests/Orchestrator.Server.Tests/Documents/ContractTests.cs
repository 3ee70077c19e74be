using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Values;
using Orchestrator.Server.Tests.Serving;

namespace Orchestrator.Server.Tests.Documents;

/// <summary>The promise to those who write programs against the API, as a text beside this file: a change of it is a diff that somebody has to look at. <c>UPDATE_BASELINES=1</c> writes it anew.</summary>
public sealed class ContractTests
{
    private ServedHome served = null!;
    private JsonElement document;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        served = await ServedHome.StartAsync();
        document = (await served.Owner.GetAsync("openapi.json")).Json;
    }

    [OneTimeTearDown]
    public async Task EndAsync() => await served.DisposeAsync();

    [Test]
    public void TheContractIsAsApproved() => Approve(JsonSerializer.Serialize(document, OrcJson.Indented));

    [Test]
    public void EachOperationSaysWhatItDoesWhatItNeedsAndWhatItRefuses()
    {
        foreach (var (name, operation) in Operations())
        {
            Assert.That(operation.TryGetProperty("summary", out var summary) && summary.GetString()?.Length > 10, name);
            Assert.That(operation.GetProperty("tags").GetArrayLength(), Is.EqualTo(1), name);
            Assert.That(operation.GetProperty("responses").TryGetProperty("401", out var refused) && refused.GetProperty("content").TryGetProperty("application/problem+json", out _), name);
            Assert.That(operation.GetProperty("responses").EnumerateObject().Any(response => response.Name.StartsWith('2')), name);
        }
    }

    [Test]
    public void NothingOfOurCodeIsInIt()
    {
        foreach (var word in new[] { "Orchestrator.Server", "System.", "JsonElement", "OfRunDocument", "Nullable" })
        {
            Assert.That(document.GetRawText(), Does.Not.Contain(word));
        }
    }

    [Test]
    public void EachMemberOfADocumentHasATypeOrIsAnyJson()
    {
        var free = new[] { "params", "trigger", "outputs", "answer", "event", "json", "before", "after", "facts", "parts", "default", "schema", "details", "payload", "profile" };
        foreach (var schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            foreach (var member in schema.Value.TryGetProperty("properties", out var properties) ? properties.EnumerateObject() : default)
            {
                var typed = member.Value.TryGetProperty("type", out _) || member.Value.TryGetProperty("$ref", out _) || member.Value.TryGetProperty("oneOf", out _) || member.Value.TryGetProperty("enum", out _);
                Assert.That(typed || free.Contains(member.Name), $"{schema.Name}.{member.Name}: {member.Value}");
            }
        }
    }

    private IEnumerable<(string Name, JsonElement Operation)> Operations() => document.GetProperty("paths").EnumerateObject()
        .SelectMany(path => path.Value.EnumerateObject().Select(operation => ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value)));

    private static void Approve(string actual, [CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "openapi.approved.json");
        actual = actual.TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_BASELINES") is not null)
        {
            File.WriteAllText(path, actual);
        }

        Assert.That(actual, Is.EqualTo(File.ReadAllText(path)), "openapi.approved.json says otherwise; if the change is meant, write it anew with UPDATE_BASELINES=1");
    }
}
