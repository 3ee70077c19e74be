namespace Orchestrator.Storage.WakeUps;

/// <summary>For databases that cannot call: everybody looks for himself.</summary>
/// <param name="soonest">After a look that found something.</param>
/// <param name="latest">After many that found nothing.</param>
internal sealed class NoWakeUps(TimeSpan soonest, TimeSpan latest) : IWakeUps
{
    /// <summary>SQLite: a look is a read of a local file, so there is no reason to wait longer when nothing happens.</summary>
    public static NoWakeUps Local { get; } = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500));

    public TimeSpan LookAgain(int inVain)
    {
        var wait = soonest * Math.Pow(2, Math.Min(inVain, 16));
        return wait < latest ? wait : latest;
    }

    public IDisposable Listen(WakeUp what, Action heard) => Nobody.Instance;

    public void Tell(WakeUp what)
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Nobody : IDisposable
    {
        public static readonly Nobody Instance = new();

        public void Dispose()
        {
        }
    }
}
