using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Workers;

namespace Orchestrator.Runtime.Tests.Workers;

/// <summary>The protocol's JSON, which is written out by hand, against what the serializer would say.</summary>
[TestFixture]
public sealed class WorkerCodecTests
{
    private static readonly Failure Broken = new()
    {
        Code = "ORC5201", Kind = FailureKind.Timeout, Message = "zu spät \"€\"", Why = "so", Help = "wait", Retryable = true, RetryAfter = TimeSpan.FromSeconds(90), Details = ["a", "b"],
    };

    private static readonly JsonSerializerOptions Deep = new(OrcJson.Options) { MaxDepth = 80 };

    private static WorkerMessage[] Messages() =>
    [
        new HelloMessage { Version = 3, Worker = 7, Token = "abc" },
        new PingMessage(),
        new PongMessage(),
        new StartedMessage(),
        new CancelMessage { Attempt = new AttemptId("a1") },
        new LogMessage { Severity = LogSeverity.Warning, Message = "zwei\nZeilen \u0001 €" },
        new ProgressMessage(),
        new ProgressMessage { Fraction = 0.25, Message = "a quarter" },
        new FactMessage { Kind = "tracking.metric", Value = Json("""{"a":[1,2.50,null,"<x>"]}""") },
        new EndedMessage { ResidentBytes = 1L << 40 },
        new EndedMessage { ResidentBytes = 1, Outputs = new Dictionary<string, JsonElement> { ["a b"] = Json("[]"), [""] = Json("1e3") } },
        new EndedMessage { ResidentBytes = 1, Failure = Broken },
        Execute(),
        Execute() with
        {
            Attempt = Execute().Attempt with { MapIndex = 3, GitCommit = "abc-dirty" },
            Class = "Some.Class, Some.Assembly",
            Inputs = new Dictionary<string, JsonElement> { ["deep"] = Json(new string('[', 60) + new string(']', 60)) },
            Items = [new ItemResult { Index = 0, Status = ItemStatus.Failed, Failure = Broken }, new ItemResult { Index = 1, Label = "x", Status = ItemStatus.Succeeded, Outputs = new Dictionary<string, JsonElement> { ["n"] = Json("4") } }],
            Secrets = new Dictionary<string, string> { ["KEY"] = "geheim" },
            MissingSecrets = new Dictionary<string, Failure> { ["OTHER"] = Broken },
        },
    ];

    [TestCaseSource(nameof(Messages))]
    public void AMessageSaysWhatTheSerializerWouldSay(object message)
    {
        var plain = JsonSerializer.SerializeToNode(message, message.GetType(), Deep)!.AsObject();
        var expected = new JsonObject { ["is"] = message.GetType().Name.Replace("Message", "").ToLowerInvariant() };
        foreach (var (name, value) in plain)
        {
            expected[name] = value?.DeepClone();
        }

        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(Written((WorkerMessage)message), documentOptions: new JsonDocumentOptions { MaxDepth = 80 }), expected), Is.True, () => Encoding.UTF8.GetString(Written((WorkerMessage)message)));
    }

    [TestCaseSource(nameof(Messages))]
    public void AMessageThatIsReadAndWrittenAgainIsTheSame(object message)
    {
        var once = Written((WorkerMessage)message);
        var read = WorkerCodec.Read(once);

        Assert.That(read.GetType(), Is.EqualTo(message.GetType()));
        Assert.That(Encoding.UTF8.GetString(Written(read)), Is.EqualTo(Encoding.UTF8.GetString(once)));
    }

    [TestCase("""[]""", "not an object")]
    [TestCase("""{}""", "without \"is\"")]
    [TestCase("""{"is":"shutdown"}""", "no message \"shutdown\"")]
    [TestCase("""{"is":"ping","extra":1}""", "PingMessage does not have")]
    [TestCase("""{"is":"hello","version":3,"worker":1}""", "without \"token\"")]
    [TestCase("""{"is":"hello","version":"3","worker":1,"token":"t"}""", "not of its type")]
    [TestCase("""{"is":"log","severity":"loud","message":"m"}""", "no severity \"loud\"")]
    [TestCase("""{"is":"ping","is":"pong"}""", "is")]
    [TestCase("""{"is":"pi""", "")]
    public void WhatIsNoMessageIsRefused(string text, string why) =>
        Assert.That(() => WorkerCodec.Read(Encoding.UTF8.GetBytes(text)), Throws.InstanceOf<JsonException>().With.Message.Contains(why));

    [Test]
    public void TheTextOfAnAttemptDoesNotShowItsSecrets() =>
        Assert.That((Execute() with { Secrets = new Dictionary<string, string> { ["KEY"] = "geheim" } }).ToString(), Does.Not.Contain("geheim"));

    private static ExecuteMessage Execute() => new()
    {
        Attempt = new AttemptInfo
        {
            Id = new AttemptId("a1"), Run = new RunId("r1"), Pipeline = "p", Definition = new DefinitionHash(new string('a', 64)), Task = new TaskName("train"), Number = 2,
        },
        Uses = "train.classifier",
        Inputs = new Dictionary<string, JsonElement>(),
        BaseDirectory = "/base",
        WorkingDirectory = "/work",
        Items = [],
        MaxOutputBytes = 262144,
        Secrets = new Dictionary<string, string>(),
        MissingSecrets = new Dictionary<string, Failure>(),
    };

    private static byte[] Written(WorkerMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WorkerCodec.Writing))
        {
            WorkerCodec.Write(writer, message);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
