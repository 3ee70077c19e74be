using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Retention;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Server.Working;

/// <summary>
/// Applies retention now and then, if a setting says how often (<c>retention.every</c>): nothing is removed by itself that nobody asked to have removed. Of several servers on one database one does it.
/// </summary>
internal sealed partial class RetentionJob(RetentionKeeper retention, TimeProvider time, ILogger<RetentionJob> log) : BackgroundService
{
    /// <summary>How often it is asked whether it is due: by whom it was done last is in the database.</summary>
    private static readonly TimeSpan MostBetweenLooks = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (retention.Every is not { } every)
        {
            return;
        }

        using var timer = new PeriodicTimer(every < MostBetweenLooks ? every : MostBetweenLooks, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops; what is left is removed the next time.
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            if (await retention.ApplyAsync(byHand: false, atOnce: false, cancellation) is { } report)
            {
                LogApplied(log, report.Runs, report.Logs.Bytes + report.Artifacts.Bytes);
            }
        }
        catch (StorageException away)
        {
            LogFailed(log, away.Code, away.Message);
        }
        catch (ActivityException failed)
        {
            LogFailed(log, failed.Failure.Code, failed.Failure.Message);
        }
    }

    [LoggerMessage(6440, LogLevel.Information, "retention removed {Runs} runs and {Bytes} bytes of files")]
    private static partial void LogApplied(ILogger log, long runs, long bytes);

    [LoggerMessage(6441, LogLevel.Warning, "retention stopped in the middle and goes on the next time: {Code} {Reason}")]
    private static partial void LogFailed(ILogger log, string code, string reason);
}
