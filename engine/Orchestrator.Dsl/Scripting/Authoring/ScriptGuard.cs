using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>Called at the start of every function of a script, by code that the compiler adds; not for authors.</summary>
/// <remarks>A stack that overflows ends the process, whoever else works in it, and nothing can catch that. So functions look before they go deeper.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public static unsafe class ScriptGuard
{
    [ThreadStatic]
    private static nint lowest;

    /// <exception cref="ScriptDepthException">Too much of the stack is used.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Enter()
    {
        byte here;
        // A thread that has not said how much it may use has at least what the runtime itself finds sufficient.
        if (lowest != 0 ? (nint)(&here) < lowest : !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            var caller = new StackFrame(1, needFileInfo: true);
            throw new ScriptDepthException(caller.GetFileLineNumber(), caller.GetFileColumnNumber());
        }
    }

    /// <summary>Says how many bytes of its stack the functions of a script may use on this thread. What is left beyond is for what happens when they used it: throwing from there, too.</summary>
    internal static void Allow(int bytes)
    {
        byte here;
        lowest = (nint)(&here) - bytes;
    }
}

/// <summary>A function of a script went too deep. Knows the place itself, since a stack trace of a hundred thousand frames takes longer than the script may.</summary>
internal sealed class ScriptDepthException(int line, int column) : Exception("functions of the script call each other too deeply")
{
    /// <summary>1 for the first; 0 when nobody knows.</summary>
    public int Line => line;

    public int Column => column;

    /// <summary>The one inside an exception; null when it has another cause.</summary>
    public static ScriptDepthException? In(Exception thrown)
    {
        for (var at = thrown; at is not null; at = at.InnerException)
        {
            if (at is ScriptDepthException deep)
            {
                return deep;
            }
        }

        return null;
    }
}
