namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>Which call of the authoring API in the script something comes from, as far as the running script can tell.</summary>
/// <param name="Method">The method's name: <c>Add</c>.</param>
/// <param name="Line">The line of the call's opening parenthesis, 1 for the first.</param>
/// <param name="Name">The first argument when it is a name; tells two calls on one line apart.</param>
internal readonly record struct CallPlace(string Method, int Line, string? Name = null);
