using System.Globalization;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Scripting;

/// <summary>What is said about scripts, ORC40xx; the reasons are in <c>DiagnosticCatalog.Script.cs</c>.</summary>
internal static class ScriptErrors
{
    public static Diagnostic DoesNotCompile(SourceSpan span, string text, DiagnosticNote note) =>
        DiagnosticCatalog.ScriptDoesNotCompile.At(span, "does not compile", $"the script does not compile: {text}", notes: [note]);

    public static Diagnostic UnknownName(SourceSpan span, string name, string what, IReadOnlyList<string> near, string? import, IReadOnlyList<string> makers, DiagnosticNote note) =>
        DiagnosticCatalog.ScriptUnknownName.At(
            span,
            $"unknown {what}",
            what == "class" ? $"there is no activity class \"{name}\"" : $"the {what} \"{name}\" is not known here",
            near.Count > 0 ? Question(near)
            : import is not null ? $"The class is in {import}: write \"using {import};\" in the first lines."
            : what == "class" ? "orc schema lists all activities."
            : MadeBy("what belongs here", makers) ?? "Declare it, or check its spelling.",
            near,
            [note]);

    /// <summary>A help line that names the functions for a value; null when there are none.</summary>
    public static string? MadeBy(string what, IReadOnlyList<string> makers) => makers switch
    {
        [] => null,
        [var only] => $"{only} makes {what}.",
        _ => $"{string.Join(", ", makers.SkipLast(1))} and {makers[^1]} make {what}.",
    };

    public static Diagnostic UnknownMember(SourceSpan span, string owner, string name, string what, IReadOnlyList<string> near, IReadOnlyList<string> all, DiagnosticNote note) =>
        DiagnosticCatalog.ScriptUnknownMember.At(
            span,
            $"unknown {what}",
            $"{owner} has no {what} \"{name}\"",
            near.Count > 0 ? Question(near) : all.Count > 0 ? $"It has {string.Join(", ", all)}." : null,
            near,
            [note],
            why: what == "member" ? "a member must exist before it can be used" : null);

    public static Diagnostic OutputSet(SourceSpan span, string owner, string name, IReadOnlyList<string> near, IReadOnlyList<string> inputs, DiagnosticNote note) =>
        DiagnosticCatalog.ScriptUnknownMember.At(
            span,
            "an output",
            $"\"{name}\" is an output of {owner} and cannot be set",
            near.Count > 0 ? Question(near) : $"Its inputs are {string.Join(", ", inputs)}.",
            near,
            [note]);

    public static Diagnostic WrongType(SourceSpan span, string owner, string input, string expected, string? actual, string? help, DiagnosticNote note) =>
        DiagnosticCatalog.ScriptWrongType.At(
            span,
            $"{expected} expected",
            actual is null ? $"input \"{input}\" of {owner} takes {expected}" : $"input \"{input}\" of {owner} takes {expected}, and this is {actual}",
            help,
            notes: [note]);

    public static Diagnostic MissingMember(SourceSpan span, string owner, string member, DiagnosticNote note) =>
        DiagnosticCatalog.ScriptMissingMember.At(span, $"\"{member}\" is missing", $"{owner} needs the input \"{member}\" and got nothing", $"Set it: new {owner} {{ {member} = …, … }}.", notes: [note]);

    public static Diagnostic ReferenceDirective(SourceSpan span, string file) =>
        DiagnosticCatalog.ScriptReferenceDirective.At(span, "not possible here", $"a pipeline script cannot bring a library of its own, \"{file}\"", "Remove the line. Work that needs the library goes into a program that a task of exec.command starts.");

    public static Diagnostic LoadDirective(SourceSpan span, string file) =>
        DiagnosticCatalog.ScriptLoadDirective.At(span, "not possible here", $"a pipeline script is one file and cannot load \"{file}\"", "Copy what it needs from there into this script.");

    /// <summary>What is wrong with a script by its size alone, so that it need not be read: it may have many gigabytes. A character takes four bytes at most. Null: nothing.</summary>
    public static Diagnostic? RefuseSize(string name, long bytes, int most) => bytes / 4 > most ? TooLarge(new SourceText(name, ""), bytes / 4, most) : null;

    public static Diagnostic TooLarge(SourceText source, long characters, int most) =>
        DiagnosticCatalog.ScriptTooLarge.At(
            source.Span(0, 0),
            "too large",
            string.Create(CultureInfo.InvariantCulture, $"the script has {characters} characters and may have {most}"),
            $"Keep data out of the script; tasks read it from files. To raise the limit: {SettingNames.Raise(SettingNames.ScriptCharacters)}");

    public static Diagnostic BadEncoding(SourceText source, int badByte) =>
        DiagnosticCatalog.BadEncoding.At(
            source.Span(0, 0),
            "not text",
            string.Create(CultureInfo.InvariantCulture, $"the script is not UTF-8 text: its byte {badByte} (counted from 0) belongs to no character"),
            "Save the file as UTF-8.");

    public static Diagnostic TooSlow(SourceSpan span, TimeSpan limit, bool known) =>
        DiagnosticCatalog.ScriptTooSlow.At(
            span,
            known ? "it was here when the time was up" : "not finished",
            $"the script did not end within {Durations.Format(limit)}",
            $"Is there a loop that never ends, or a call that waits for something? Put slow work into a task. To raise the limit: {SettingNames.Raise(SettingNames.ScriptTime)}");

    public static Diagnostic TooMuchMemory(SourceSpan span, long limit) =>
        DiagnosticCatalog.ScriptTooMuchMemory.At(
            span,
            "it was here when the memory was used up",
            $"the script used more than {Sizes.Format(limit)} of memory",
            $"Is there a list that grows without an end, or a table that is read here? Put that into a task. To raise the limit: {SettingNames.Raise(SettingNames.ScriptMemory)}");

    public static Diagnostic TooDeep(SourceSpan span) =>
        DiagnosticCatalog.ScriptTooDeep.At(span, "called too deeply", "functions of the script call each other without an end", "Is there a case in which the function returns without calling itself?");

    public static Diagnostic Throws(SourceSpan span, Exception thrown, bool mayBeTooEarly) =>
        DiagnosticCatalog.ScriptThrows.At(
            span,
            "thrown here",
            $"the script threw {thrown.GetType().Name}: {FirstLine(thrown.Message)}",
            mayBeTooEarly ? "A variable that the script sets further down is still empty here." : null);

    public static Diagnostic ReturnsNothing(SourceSpan end, IReadOnlyList<string> variables) =>
        DiagnosticCatalog.ScriptReturnsNothing.At(
            end,
            "nothing is returned",
            "the script returns nothing",
            variables is [var only] ? $"End it with \"return {only};\"." : "End it with \"return churn;\", where churn is what Pipeline(…) answered.");

    public static Diagnostic ReturnsOther(SourceSpan end, string type) =>
        DiagnosticCatalog.ScriptReturnsOther.At(end, "not a pipeline", $"the script returns {type}, which is not a pipeline", "Return what Pipeline(…) answered.");

    public static Diagnostic NotDeterministic(SourceSpan span, string difference, string? call, string? instead) =>
        DiagnosticCatalog.ScriptNotDeterministic.At(
            span,
            call is null ? "different each time" : "another answer each time",
            call is null ? $"the script wrote another pipeline the second time: {difference}" : $"the script wrote another pipeline the second time, since {call} answers otherwise each time: {difference}",
            instead ?? "Is something random, counted across evaluations, or taken from a set without order?");

    public static Diagnostic UnsteadyCall(SourceSpan span, string call, string instead) =>
        DiagnosticCatalog.ScriptUnsteadyCall.At(span, "may answer otherwise next time", $"the script calls {call} while it writes the pipeline", instead);

    public static Diagnostic OutputBeforeAdd(SourceSpan span) =>
        DiagnosticCatalog.ScriptOutputBeforeAdd.At(span, "used here", "an output is used before its activity was added to a pipeline", "Write var task = pipeline.Add(\"name\", new …) first, then use task's outputs.");

    public static Diagnostic StepUntraced(SourceSpan span, string step, string? reason = null) =>
        DiagnosticCatalog.ScriptStepUntraced.At(
            span,
            reason ?? "cannot be followed",
            $"nobody can tell what step \"{step}\" reads here before it runs",
            $"Read an output through a variable of the script, ctx.Output(sweep.Best), or name what the step reads: Step(\"{step}\", …, reads: [sweep.Best]).");

    public static Diagnostic ForeignActivity(SourceSpan span, string name) =>
        DiagnosticCatalog.ScriptForeignActivity.At(span, "not in this program", $"{name} is not an activity of this program", "Write the work as a step: pipeline.Step(\"name\", async ctx => …).");

    public static Diagnostic AddedTwice(SourceSpan span, string name, string before, SourceSpan first) =>
        DiagnosticCatalog.ScriptAddedTwice.At(
            span,
            "the same activity",
            $"task \"{name}\" is the same activity as task \"{before}\"",
            "Make a second one with new.",
            notes: [new DiagnosticNote($"it became task \"{before}\"", first)]);

    public static Diagnostic LooseRules(SourceSpan span, string rule, string activity) =>
        DiagnosticCatalog.ScriptLooseRules.At(span, "no task", $"{rule} is said of a {activity} that is no task", "Say it of what Add answers: pipeline.Add(\"name\", new …).Retry(3).");

    public static Diagnostic NeedsNoTask(SourceSpan span, string task, string activity) =>
        DiagnosticCatalog.ScriptNeedsNoTask.At(span, "not a task of this pipeline", $"task \"{task}\" needs a {activity} that is not a task of this pipeline", "Add it to the pipeline first.");

    public static Diagnostic BadDuration(SourceSpan span, string text) =>
        DiagnosticCatalog.BadDuration.At(span, "not a duration", $"\"{text}\" is not a duration", "Write \"10s\", \"5m\" or \"1h30m\".");

    private static string Question(IReadOnlyList<string> near) => near.ToArray() switch
    {
        [var only] => $"did you mean \"{only}\"?",
        [.. var most, var last] => $"did you mean {string.Join(", ", most.Select(name => $"\"{name}\""))} or \"{last}\"?",
        _ => "",
    };

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r', '.');
}
