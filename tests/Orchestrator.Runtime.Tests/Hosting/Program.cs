using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Workers;

namespace Orchestrator.Runtime.Tests.Hosting;

/// <summary>What this assembly does when it is started as a program: real processes for tests to kill.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) => arguments switch
    {
        [WorkerArguments.Command, ..] => WorkerHost.RunAsync(
            WorkerArguments.Parse(arguments),
            () => ActivityCatalog.From(typeof(Program).Assembly),
            () => NoPorts.Instance),
        ["engine", var home, var mark] => VictimEngine.RunAsync(home, mark),
        ["mute", ..] => MuteWorker.RunAsync(),
        _ => Task.FromResult(2),
    };

    internal sealed class NoPorts : IServiceProvider
    {
        public static NoPorts Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}

/// <summary>A worker that starts and never says hello.</summary>
internal static class MuteWorker
{
    public static async Task<int> RunAsync()
    {
        Console.WriteLine("I say nothing to engines");
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}

/// <summary>An engine with an endless attempt in a worker and an endless program in the command lane. It prints their process ids and waits to be killed.</summary>
internal static class VictimEngine
{
    public static async Task<int> RunAsync(string home, string mark)
    {
        await using var engine = new TestEngine(home);
        var child = engine.Start(new SpawnActivity { Mark = mark }, Lane.Process);
        var command = engine.Start(new SleepCommand { Mark = mark }, Lane.Command);
        var first = await child.Progress.NextAsync();
        var second = await command.Progress.NextAsync();
        Console.WriteLine($"{engine.Pool.ProcessIds[0]} {first} {second}");
        await Task.WhenAll(child.Result, command.Result);
        return 0;
    }
}
