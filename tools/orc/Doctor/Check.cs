namespace Orchestrator.Cli.Doctor;

/// <summary>What a look at one thing came to.</summary>
/// <param name="Level"><c>ok</c>, <c>warning</c>: it works, and somebody should look at it; <c>error</c>: something does not work, or will not.</param>
/// <param name="What">The thing.</param>
/// <param name="Detail">How it is.</param>
/// <param name="Help">What to do, in words.</param>
/// <param name="Command">The command that does it, when there is one.</param>
internal sealed record Check(string Level, string What, string? Detail, string? Help, string? Command)
{
    public static Check Ok(string what, string detail) => new("ok", what, detail, null, null);

    public static Check Warning(string what, string detail, string? help, string? command = null) => new("warning", what, detail, help, command);

    public static Check Error(string what, string detail, string? help, string? command = null) => new("error", what, detail, help, command);
}
