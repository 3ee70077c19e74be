namespace Orchestrator.Dsl.Diagnostics;

/// <content>4xxx: a C# script does not yield a pipeline. What it says beyond that is in <c>Scripting/ScriptErrors.cs</c>.</content>
public static partial class DiagnosticCatalog
{
    public static DiagnosticRule ScriptDoesNotCompile { get; } = new("ORC4001", "script that does not compile", "a script is C#, compiled before it runs");

    public static DiagnosticRule ScriptUnknownName { get; } = new("ORC4002", "unknown name in a script", "a script knows its own variables, the activities of this program and their functions");

    public static DiagnosticRule ScriptUnknownMember { get; } = new("ORC4003", "unknown member in a script", "an activity has the inputs and outputs that its class declares and no others");

    public static DiagnosticRule ScriptWrongType { get; } = new("ORC4004", "input of a wrong type in a script", "each input has a type, and nothing is converted by guessing");

    public static DiagnosticRule ScriptMissingMember { get; } = new("ORC4005", "missing input in a script", "the activity cannot work without it");

    public static DiagnosticRule ScriptReferenceDirective { get; } = new("ORC4006", "#r in a script", "a script can use what this program has, so that it means the same on every machine");

    public static DiagnosticRule ScriptLoadDirective { get; } = new("ORC4007", "#load in a script", "a pipeline is kept and found again by the hash of its one file, so that a run can always be repeated");

    public static DiagnosticRule ScriptTooLarge { get; } = new("ORC4008", "script too large", "the size is limited so that no script can exhaust the program that compiles it");

    public static DiagnosticRule ScriptTooSlow { get; } = new("ORC4009", "script that takes too long", "a script only writes the pipeline down, which takes milliseconds; the work belongs in its tasks");

    public static DiagnosticRule ScriptTooDeep { get; } = new("ORC4030", "script that calls itself without an end", "each call takes some of a stack that has an end, and a stack that overflows would end the whole program");

    public static DiagnosticRule ScriptTooMuchMemory { get; } = new("ORC4031", "script that uses too much memory", "a script only writes the pipeline down, and others share the memory of the program that evaluates it");

    public static DiagnosticRule ScriptThrows { get; } = new("ORC4010", "script that throws", "a script that stops half-way has written half a pipeline");

    public static DiagnosticRule ScriptReturnsNothing { get; } = new("ORC4011", "script that returns nothing", "what a script returns is the pipeline; the others it made are drafts");

    public static DiagnosticRule ScriptReturnsOther { get; } = new("ORC4012", "script that returns something else than a pipeline", "what a script returns is the pipeline");

    public static DiagnosticRule ScriptNotDeterministic { get; } = new("ORC4013", "script that is not deterministic", "a run is pinned to the pipeline's content, so a script must write the same pipeline each time");

    public static DiagnosticRule ScriptUnsteadyCall { get; } = new("ORC4014", "call in a script that may answer otherwise next time", "a run is pinned to the pipeline's content, so a script must write the same pipeline each time", Severity.Warning);

    public static DiagnosticRule ScriptOutputBeforeAdd { get; } = new("ORC4015", "output used before its activity is a task", "an output is known by its task's name, which the activity gets from Add");

    public static DiagnosticRule ScriptStepUntraced { get; } = new("ORC4016", "step whose reads cannot be found", "what a step reads must be known before it runs, since reading an output makes its task a dependency");

    public static DiagnosticRule ScriptForeignActivity { get; } = new("ORC4017", "activity that this program does not have", "workers run the activities of the program, so a class that only the script has would be unknown to them");

    public static DiagnosticRule ScriptAddedTwice { get; } = new("ORC4018", "one activity added as two tasks", "an output is known by its task's name, so one instance is one task");

    public static DiagnosticRule ScriptLooseRules { get; } = new("ORC4019", "rules for an activity that is no task", "rules such as Retry and When belong to a task, and nobody would follow these");

    public static DiagnosticRule ScriptNeedsNoTask { get; } = new("ORC4020", "need of an activity that is no task of the pipeline", "dependencies decide the order, so what is needed must be a task of the same pipeline");
}
