using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Dsl.Scripting.Authoring;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>What the compiler knows of a script and the running script does not; kept beside the compiled code, so that a cached script needs no compiler.</summary>
/// <remarks>Its parts are classes: code for collections of structs would be compiled anew at each start, which costs more than all else here.</remarks>
internal sealed record ScriptMap
{
    private ILookup<(string Method, int Line), ScriptCall>? callsByPlace;
    private Dictionary<string, StepCode>? stepsByText;

    /// <summary>The calls of the authoring API, in order of the text.</summary>
    public ImmutableArray<ScriptCall> Calls { get; init; } = [];

    /// <summary>The code of steps written in place.</summary>
    public ImmutableArray<StepCode> Steps { get; init; } = [];

    /// <summary>Where outputs are used outside of steps; looked at only when one was used too early.</summary>
    public ImmutableArray<OutputUse> Outputs { get; init; } = [];

    /// <summary>Calls outside of steps that may answer otherwise next time: clocks, random numbers, the environment.</summary>
    public ImmutableArray<UnsteadyCall> Unsteady { get; init; } = [];

    /// <summary>The call that a running script reported; null when the compiler did not see it as a call (a method group, a delegate).</summary>
    public ScriptCall? Find(CallPlace place)
    {
        var onLine = (callsByPlace ??= Calls.ToLookup(call => (call.Method, call.Line)))[(place.Method, place.Line)];
        return onLine.FirstOrDefault(call => call.Name == place.Name) ?? onLine.FirstOrDefault();
    }

    public StepCode? FindStep(string text) =>
        (stepsByText ??= Steps.DistinctBy(step => step.Text).ToDictionary(step => step.Text, StringComparer.Ordinal)).GetValueOrDefault(text);
}

/// <summary>A stretch of the script's text.</summary>
/// <param name="Start">Offset of the first character.</param>
/// <param name="End">Offset after the last.</param>
internal sealed record TextRange(int Start, int End);

/// <summary>A call of the authoring API.</summary>
internal sealed record ScriptCall
{
    public required string Method { get; init; }

    /// <summary>Of the opening parenthesis, as the compiler tells callers; 1 for the first.</summary>
    public required int Line { get; init; }

    /// <summary>The first argument when it is a constant text.</summary>
    public string? Name { get; init; }

    /// <summary>From the method's name to the closing parenthesis.</summary>
    public required TextRange Range { get; init; }

    /// <summary>By parameter; those of a call inside an argument as <c>backoff/max</c>, items of a list as <c>on/0</c>.</summary>
    public ImmutableSortedDictionary<string, TextRange> Arguments { get; init; } = ImmutableSortedDictionary<string, TextRange>.Empty;

    /// <summary>The class in <c>new X</c> of an activity that stands in the call.</summary>
    public TextRange? Uses { get; init; }

    /// <summary>The members set in the activity, by their path under <c>with</c>: <c>/expect/0</c>.</summary>
    public ImmutableSortedDictionary<string, InputRange> Inputs { get; init; } = ImmutableSortedDictionary<string, InputRange>.Empty;
}

/// <param name="Value">The expression.</param>
/// <param name="Name">The member's name; null for the items of a list.</param>
internal sealed record InputRange(TextRange Value, TextRange? Name);

/// <summary>The code of a step written in place, and what it reads.</summary>
internal sealed record StepCode
{
    /// <summary>The argument as it stands in the script.</summary>
    public required string Text { get; init; }

    public ImmutableArray<StepRead> Reads { get; init; } = [];

    /// <summary>Reads whose variable nobody can tell before the step runs.</summary>
    public ImmutableArray<TextRange> Untraced { get; init; } = [];
}

/// <summary>One thing that a step reads.</summary>
/// <param name="Path">From a variable of the script through its members: <c>sweep</c>, <c>Best</c>. Empty: the item of a mapped step.</param>
/// <param name="Range">The argument, <c>sweep.Best</c>.</param>
internal sealed record StepRead(ImmutableArray<string> Path, TextRange Range);

/// <summary>A use of an output, <c>load.Rows</c>.</summary>
/// <param name="Path">As in <see cref="StepRead"/>.</param>
/// <param name="Range">The use.</param>
/// <param name="Statement">The statement around it, which is as near as an exception tells.</param>
internal sealed record OutputUse(ImmutableArray<string> Path, TextRange Range, TextRange Statement);

/// <summary>A call whose answer is not the same each time.</summary>
/// <param name="What"><c>DateTime.Now</c>.</param>
/// <param name="Instead">What to do instead.</param>
/// <param name="Range">The call.</param>
internal sealed record UnsteadyCall(string What, string Instead, TextRange Range);

/// <summary>Generated, since reading it stands between a person and a validated cached script.</summary>
[JsonSerializable(typeof(ScriptMap))]
internal sealed partial class ScriptMapJson : JsonSerializerContext;
