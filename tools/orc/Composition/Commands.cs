using System.CommandLine;
using Orchestrator.Cli.Access;
using Orchestrator.Cli.Alerts;
using Orchestrator.Cli.Backfills;
using Orchestrator.Cli.Backups;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Data;
using Orchestrator.Cli.Databases;
using Orchestrator.Cli.Doctor;
using Orchestrator.Cli.Endpoints;
using Orchestrator.Cli.Models;
using Orchestrator.Cli.Notifications;
using Orchestrator.Cli.Pipelines;
using Orchestrator.Cli.Pools;
using Orchestrator.Cli.Retention;
using Orchestrator.Cli.Runs;
using Orchestrator.Cli.Schedules;
using Orchestrator.Cli.Secrets;
using Orchestrator.Cli.Serving;
using Orchestrator.Cli.Settings;

namespace Orchestrator.Cli.Composition;

/// <summary>Every command of the program, in the order in which help lists them.</summary>
internal static class Commands
{
    public static IEnumerable<Command> All(CommandFrame frame)
    {
        var (files, home) = (Reach.OfFiles(frame), Reach.OfHome(frame));
        return
        [
            InitCommand.Create(files),
            ValidateCommand.Create(files),
            GraphCommand.Create(files),
            ExportCommand.Create(files),
            SchemaCommand.Create(files),
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
            MigrateCommand.Create(home),
            RetryCommand.Create(frame),
            PipelineCommands.Create(frame),
            ServeCommand.Create(files),
            KeyCommands.Create(home),
            AuditCommands.Create(home),
            DataCommands.Create(home),
            ModelCommands.Create(home),
            EndpointCommands.Create(home),
            PredictCommand.Create(home),
            EndpointCommands.CreateRollback(home),
            ScheduleCommands.Create(home),
            TriggerCommands.Create(home),
            TriggerCommand.Create(frame),
            BackfillCommands.Create(home),
            AlertCommands.Create(home),
            NotificationCommands.Create(home),
            PoolCommands.Create(home),
            SecretCommands.Create(home),
            SettingCommands.Create(home),
            DatabaseCommands.Create(home),
            RetentionCommands.Create(home),
            BackupCommands.CreateBackup(home),
            BackupCommands.CreateRestore(home),
            DoctorCommand.Create(home),
        ];
    }
}
