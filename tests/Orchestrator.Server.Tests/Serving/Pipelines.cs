namespace Orchestrator.Server.Tests.Serving;

/// <summary>Pipelines that tests register.</summary>
internal static class Samples
{
    public const string Sum = """
        { "name": "sum", "params": { "start": { "type": "integer", "default": 1 } },
          "tasks": { "first": { "uses": "test.add", "with": { "left": "${params.start}", "right": 2 } },
                     "second": { "uses": "test.add", "with": { "left": "${tasks.first.sum}", "right": 10 } } } }
        """;

    public const string Failing = """
        { "name": "failing", "tasks": { "good": { "uses": "test.add", "with": { "left": 1 } }, "bad": { "uses": "test.fail", "needs": ["good"] } } }
        """;

    public const string Asking = """
        { "name": "asking", "tasks": { "ask": { "uses": "test.ask" }, "then": { "uses": "test.add", "needs": ["ask"], "with": { "left": 1 } } } }
        """;

    /// <summary>Due only when a test says so: once a year, at the end of it.</summary>
    public const string Scheduled = """
        { "name": "yearly", "params": { "day": { "type": "string", "default": "" } },
          "triggers": [ { "name": "nightly", "schedule": "30 23 31 12 *", "zone": "Europe/Berlin", "params": { "day": "${run.logicalDate.slice(0, 10)}" } }, { "name": "after-sum", "pipeline": "sum", "outcome": "succeeded" } ],
          "tasks": { "only": { "uses": "test.add", "with": { "left": 1 } } } }
        """;

    public static string Gated(string gate, string name = "gated") => $$"""
        { "name": "{{name}}", "tasks": { "wait": { "uses": "test.gate", "with": { "gate": "{{gate}}" } }, "then": { "uses": "test.add", "needs": ["wait"], "with": { "left": 1 } } } }
        """;
}
