using System.CommandLine;
using Orchestrator.Cli.Access;
using Orchestrator.Cli.Backfills;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Data;
using Orchestrator.Cli.Databases;
using Orchestrator.Cli.Doctor;
using Orchestrator.Cli.Endpoints;
using Orchestrator.Cli.Models;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Cli.Pools;
using Orchestrator.Cli.Runs;
using Orchestrator.Cli.Schedules;
using Orchestrator.Cli.Secrets;
using Orchestrator.Cli.Serving;
using Orchestrator.Cli.Settings;

namespace Orchestrator.Cli.Composition;

/// <summary>Every command of the program, in the order in which help lists them.</summary>
internal static class Commands
{
    public static IEnumerable<Command> All(CommandFrame frame) =>
    [
        InitCommand.Create(frame),
        ValidateCommand.Create(frame),
        GraphCommand.Create(frame),
        ExportCommand.Create(frame),
        SchemaCommand.Create(frame),
        RunCommand.Create(frame),
        RunsCommand.Create(frame),
        ShowCommand.Create(frame),
        LogsCommand.Create(frame),
        WhyCommand.Create(frame),
        ApproveCommand.Create(frame),
        PauseCommands.CreatePause(frame),
        PauseCommands.CreateResume(frame),
        CancelCommand.Create(frame),
        MarkCommand.Create(frame),
        MigrateCommand.Create(frame),
        RetryCommand.Create(frame),
        ServeCommand.Create(frame),
        KeyCommands.Create(frame),
        AuditCommands.Create(frame),
        DataCommands.Create(frame),
        ModelCommands.Create(frame),
        EndpointCommands.Create(frame),
        PredictCommand.Create(frame),
        EndpointCommands.CreateRollback(frame),
        ScheduleCommands.Create(frame),
        TriggerCommands.Create(frame),
        TriggerCommand.Create(frame),
        BackfillCommands.Create(frame),
        PoolCommands.Create(frame),
        SecretCommands.Create(frame),
        SettingCommands.Create(frame),
        DatabaseCommands.Create(frame),
        DoctorCommand.Create(frame),
    ];
}
