using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Databases;
using Orchestrator.Cli.Terminal;

// Worker processes take the short way: no command line to build, no database to open.
if (args is ["worker", ..])
{
    return await WorkerMode.RunAsync(args[1..]);
}

SystemCultures.LoadIfNeeded(args);

if (args is ["validate" or "graph" or "export" or "schema", ..])
{
    // These read a pipeline once and end. Code that the serializer and reflection would generate, to be fast from the second use on, was a fifth of their time. What
    // opens a database or trains needs generated code, so this is never set for other commands.
    AppContext.SetSwitch("System.Runtime.CompilerServices.RuntimeFeature.IsDynamicCodeSupported", false);
}

return await CliProgram.RunAsync(args, CliConsole.System(), TimeProvider.System);
