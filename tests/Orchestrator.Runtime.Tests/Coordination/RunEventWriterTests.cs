using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Runs;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Coordination;

namespace Orchestrator.Runtime.Tests.Coordination;

/// <summary>The events that are written by hand look as the serializer writes them, to the byte.</summary>
public sealed class RunEventWriterTests
{
    private static readonly DateTimeOffset At = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero).AddTicks(1234567);

    private static readonly TaskWork Work = new()
    {
        Uses = "test.double",
        Lane = Lane.Process,
        Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty
            .Add("text", OrcJson.ToElement("ünï \"quoted\" <tag> \u0001 \ud83d\ude00"))
            .Add("a \"name\"", OrcJson.ToElement(new { x = new[] { 1.5, double.NaN }, y = (string?)null }))
            .Add("null", JsonElement.Parse("null"))
            .Add("number", JsonElement.Parse("1.50e+3")),
        CacheKey = "sha256:ab",
        Fingerprint = "finger \\ print",
        CacheScope = "churn «2»",
        CacheEnvironment = ImmutableSortedDictionary<string, string?>.Empty.Add("PYTHONHASHSEED", "0").Add("A \"ü\"", null),
        Yields = ["twice", "ünï \"quoted\""],
        Label = "learningRate=0.031 → «best»",
        Spread = Spread.Activity,
    };

    private static readonly RunEvent[] Full =
    [
        new TaskTurnCame { At = At, Task = new TaskName("task-1"), Item = 7 },
        new TaskPrepared { At = At, Task = new TaskName("task-1"), Item = 7, Work = Work },
        new AttemptStarted { At = At, Task = new TaskName("task-1"), Item = 7, Attempt = new AttemptId("01KDVDNA00RNFRPJ5ABE7SS9A9"), Number = 3, Child = new RunId("01KDVDNA00RNFRPJ5ABE7SS9AA") },
        new AttemptSucceeded
        {
            At = At, Task = new TaskName("task-1"), Item = 7, Attempt = new AttemptId("01KDVDNA00RNFRPJ5ABE7SS9A9"), Outputs = Work.Inputs.ToImmutableDictionary(),
        },
    ];

    private static readonly RunEvent[] Plain =
    [
        new TaskTurnCame { At = At.AddTicks(-1234567), Task = new TaskName("t") },
        new TaskPrepared { At = At, Task = new TaskName("t"), Work = new TaskWork { Uses = "u", Inputs = ImmutableSortedDictionary<string, JsonElement>.Empty } },
        .. Enum.GetValues<Lane>().Select(lane => new TaskPrepared { At = At, Task = new TaskName("t"), Work = Work with { Lane = lane, CacheKey = null, Fingerprint = null, CacheScope = null, CacheEnvironment = null, Yields = null, Label = null } }),
        .. Enum.GetValues<Spread>().Select(spread => new TaskPrepared { At = At, Task = new TaskName("t"), Work = Work with { Spread = spread } }),
        new AttemptStarted { At = At, Task = new TaskName("t"), Attempt = new AttemptId("x"), Number = 1 },
        new AttemptSucceeded { At = At, Task = new TaskName("t"), Attempt = new AttemptId("x"), Outputs = ImmutableDictionary<string, JsonElement>.Empty },
    ];

    [TestCaseSource(nameof(Full))]
    [TestCaseSource(nameof(Plain))]
    public void WritesWhatTheSerializerWrites(RunEvent change) => Assert.That(RunEventWriter.TryWrite(change), Is.EqualTo(JsonSerializer.Serialize(change, OrcJson.Options)));

    /// <summary>A member that is added to one of these events, or to the work in it, must be added to the writer: here it is missed first.</summary>
    [Test]
    public void TheSamplesHaveEveryMember()
    {
        foreach (var sample in Full.Append<object>(Work))
        {
            foreach (var member in sample.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                var value = member.GetValue(sample);
                Assert.That(value is not null && !value.Equals(member.PropertyType.IsValueType ? Activator.CreateInstance(member.PropertyType) : null), Is.True, $"{sample.GetType().Name}.{member.Name}");
            }
        }
    }

    [Test]
    public void OtherEventsAreLeftToTheSerializer() => Assert.That(RunEventWriter.TryWrite(new RetryDue { At = At, Task = new TaskName("t") }), Is.Null);
}
