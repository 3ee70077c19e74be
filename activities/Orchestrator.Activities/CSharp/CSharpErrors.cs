using Orchestrator.Core.Activities;

namespace Orchestrator.Activities.CSharp;

/// <summary>What the C# step refuses itself, ORC561x. What goes wrong inside the code is ORC560x, said where the compiler is.</summary>
internal static class CSharpErrors
{
    public static ActivityException CodeOrStep() => new(
        "ORC5610",
        "a C# step has either \"code\", or \"script\" and \"step\"",
        why: "its code stands in the definition or in a script, and running both or neither would be a guess",
        help: "In JSON write \"code\"; \"script\" and \"step\" are written by C# scripts.");
}
