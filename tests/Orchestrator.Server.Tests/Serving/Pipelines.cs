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

    public static string Gated(string gate, string name = "gated") => $$"""
        { "name": "{{name}}", "tasks": { "wait": { "uses": "test.gate", "with": { "gate": "{{gate}}" } }, "then": { "uses": "test.add", "needs": ["wait"], "with": { "left": 1 } } } }
        """;
}
