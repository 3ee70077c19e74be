using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;

// Worker processes take the short way: no command line to build, no database to open.
return args is ["worker", ..]
    ? await WorkerMode.RunAsync(args[1..])
    : await CliProgram.RunAsync(args, CliConsole.System(), TimeProvider.System);
