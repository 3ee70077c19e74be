using Microsoft.Extensions.DependencyInjection;
using Quartz;

namespace Orchestrator.Scheduling.Alarms;

/// <summary>
/// Wakes whoever is to be looked at, by Quartz, in the memory of this process; why in memory is in the README of this project. An alarm that comes late, twice or not at all costs time and
/// nothing else: what is due is decided from what is stored.
/// </summary>
internal sealed class QuartzAlarms : IAsyncDisposable
{
    /// <summary>How many wake at once. Looks are short writes that share commits, so more would wait for the same writer.</summary>
    private const int Threads = 16;

    private static readonly JobKey Wake = new("wake");

    private readonly StandaloneSchedulerFactory factory;
    private readonly IScheduler scheduler;

    private QuartzAlarms(StandaloneSchedulerFactory factory, IScheduler scheduler)
    {
        this.factory = factory;
        this.scheduler = scheduler;
    }

    /// <param name="onAlarm">Gets the alarm's name. Its exceptions are its own to handle.</param>
    /// <param name="time">Whose time counts.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<QuartzAlarms> StartAsync(Func<string, CancellationToken, Task> onAlarm, TimeProvider time, CancellationToken cancellation)
    {
        var factory = QuartzSchedulerBuilder.Create(quartz =>
        {
            quartz.UseTimeProvider(time);
            quartz.UseInMemoryStore(_ => { });
            quartz.UseDefaultThreadPool(Threads);
            // Several services may live in one process, and Quartz knows its schedulers by their names.
            quartz.ConfigureScheduler(options =>
            {
                options.InstanceName = $"orchestrator-{Guid.NewGuid():N}";
                options.MaxBatchSize = Threads;
            });
            quartz.Services.AddSingleton(new WakeJob(onAlarm));
            quartz.AddJob<WakeJob>(job => job.WithIdentity(Wake).StoreDurably());
        }).Build();
        var scheduler = await factory.GetScheduler(cancellation);
        await scheduler.Start(cancellation);
        return new QuartzAlarms(factory, scheduler);
    }

    /// <summary>Wakes at a time, in the place of the alarm that the same name had. In the past: at once.</summary>
    public async ValueTask SetAsync(string name, DateTimeOffset at, CancellationToken cancellation)
    {
        var trigger = TriggerBuilder.Create().WithIdentity(name).ForJob(Wake).StartAt(at).Build();
        await scheduler.ScheduleTrigger(trigger, TriggerConflict.Replace, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await scheduler.Shutdown(waitForJobsToComplete: true);
        await factory.DisposeAsync();
    }

    private sealed class WakeJob(Func<string, CancellationToken, Task> onAlarm) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await onAlarm(context.Trigger.Key.Name, cancellationToken);
    }
}
