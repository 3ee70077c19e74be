using System.CommandLine;

namespace Orchestrator.Cli.CommandLine;

/// <summary>Runs the body of a command with its global options, and turns what it throws into words and an exit code.</summary>
internal delegate Task<int> CommandFrame(ParseResult parsed, Func<Globals, Task<int>> act);
