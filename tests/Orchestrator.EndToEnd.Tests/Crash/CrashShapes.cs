namespace Orchestrator.EndToEnd.Tests.Crash;

/// <summary>
/// Pipelines whose tasks leave a trace outside: each command appends its idempotency key to <c>effects.txt</c> beside the pipeline when its work is done, as a
/// program would that sends money. They have no random part, so every run of a shape ends with the same outputs.
/// </summary>
internal static class CrashShapes
{
    /// <summary>By name; the text is JSON.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["mixed"] = Mixed(),
        ["chain"] = Pipeline("chain", [.. Enumerable.Range(0, 8).Select(index => Number($"c{index}", index == 0 ? "0" : $"${{String(tasks.c{index - 1}.result.n)}}"))]),
        ["fan"] = Pipeline("fan", [Number("top", "1"), .. Enumerable.Range(0, 8).Select(index => Number($"f{index}", "${String(tasks.top.result.n)}")), Join("join", 8)]),
        ["map"] = Pipeline("map", [Map("items", 12, parallel: 3), Number("sum", "${String(tasks.items.result.reduce((a, b) => a + b.n, 0))}")]),
        ["retry"] = Pipeline("retry", [Retry("again"), Number("after", "${String(tasks.again.result.n)}"), Bad("bad"), Exit("clean")]),
        ["pool"] = Pipeline("pool", [.. Enumerable.Range(0, 6).Select(index => Pooled($"p{index}", 1 + (index % 2))), Exit("clean")]),
        ["child"] = Pipeline("child", [Number("top", "0"), Child("kids"), Number("sum", "${String(tasks.kids.n.reduce((a, b) => a + b, 0))}"), Exit("clean")]),
        ["keyed"] = Pipeline("keyed", [Number("one", "0"), Number("two", "${String(tasks.one.result.n)}"), Exit("clean")], """ "concurrency": { "key": "one at a time" }, """),
        ["code"] = Pipeline("code", [Number("one", "0"), """ "csharp": { "uses": "csharp", "with": { "code": "return 6 * 7;" } } """, Number("last", "${String(tasks.csharp.result)}")]),
    };

    /// <summary>The pool that the tasks of the shape "pool" take their slots from: too small for all of them, also within one run.</summary>
    public const string Pool = "shared";

    public const int PoolSlots = 3;

    /// <summary>The shapes that end as failed, as they should.</summary>
    public static bool Fails(string shape) => shape == "retry";

    /// <summary>How many runs of their own the tasks of a shape make.</summary>
    public static int Children(string shape) => shape == "child" ? 2 : 0;

    private static string Mixed() => Pipeline("mixed",
    [
        Number("a", "0"), Number("b", "${String(tasks.a.result.n)}"),
        Number("f0", "${String(tasks.b.result.n)}"), Number("f1", "${String(tasks.b.result.n)}"), Join("join", 2),
        Map("items", 5, parallel: 2), Retry("again"),
        """ "skipped": { "uses": "notify.log", "with": { "message": "never" }, "when": "tasks.join.result.n > 100" } """,
        """ "say": { "uses": "notify.log", "with": { "message": "joined ${tasks.join.result.n}, ${tasks.items.result.length} items, ${tasks.again.result.n}" } } """,
        Exit("clean"),
    ]);

    private static string Pipeline(string name, string[] tasks, string settings = "") => $$"""{ "name": "{{name}}", {{settings}} "tasks": { {{string.Join(", ", tasks)}} } }""";

    private static string Number(string name, string from) =>
        $$""" "{{name}}": { "uses": "exec.command", "with": { "command": "{{Done("$((N + 1))")}}", "environment": { "N": "{{from}}" }, "outputs": ["n"] } } """;

    private static string Join(string name, int branches) =>
        $$""" "{{name}}": { "uses": "exec.command", "with": { "command": "{{Done("$N")}}", "environment": { "N": "${String({{string.Join(" + ", Enumerable.Range(0, branches).Select(index => $"tasks.f{index}.result.n"))}})}" }, "outputs": ["n"] } } """;

    private static string Map(string name, int items, int parallel) =>
        $$""" "{{name}}": { "uses": "exec.command", "map": { "over": "[{{string.Join(", ", Enumerable.Range(0, items))}}]", "parallel": {{parallel}} }, "with": { "command": "{{Done("$((N * N))")}}", "environment": { "N": "${String(item)}" }, "outputs": ["n"] } } """;

    /// <summary>Fails once, and knows that by a file: a number of attempts would count those that were killed as well.</summary>
    private static string Retry(string name) =>
        $$""" "{{name}}": { "uses": "exec.command", "retry": { "attempts": 3, "delay": "200ms", "jitter": "none" }, "with": { "command": "if [ ! -e once-$ORC_RUN ]; then touch once-$ORC_RUN; exit 7; fi; {{Done("5")}}", "outputs": ["n"] } } """;

    /// <summary>Two runs of their own, one after another, with two tasks each and one that cleans up.</summary>
    private static string Child(string name) =>
        $$""" "{{name}}": { "as": "run", "map": { "over": "[tasks.top.result.n, 5]", "parallel": 1 }, "with": { "from": "${item}" }, "pipeline": {{Kid()}} } """;

    private static string Kid() => Pipeline(
        "kid",
        [Number("first", "${String(params.from)}"), Number("second", "${String(tasks.first.result.n)}"), Exit("tidy")],
        """ "params": { "from": { "type": "number" } }, "outputs": { "n": "${tasks.second.result.n}" }, """);

    private static string Pooled(string name, int slots) =>
        $$""" "{{name}}": { "uses": "exec.command", "pool": "{{Pool}}", "poolSlots": {{slots}}, "with": { "command": "{{Done("1")}}", "outputs": ["n"] } } """;

    private static string Bad(string name) => $$""" "{{name}}": { "uses": "exec.command", "with": { "command": "exit 9" } } """;

    private static string Exit(string name) => $$""" "{{name}}": { "uses": "exec.command", "onExit": true, "with": { "command": "{{Done("0")}}" } } """;

    private static string Done(string value) => $"echo \\\"$ORC_KEY\\\" >> effects.txt; echo \\\"{{\\\\\\\"n\\\\\\\": {value}}}\\\" > \\\"$ORC_OUTPUTS\\\"";
}
