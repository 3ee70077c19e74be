namespace Orchestrator.Storage.WakeUps;

/// <summary>What there may be to do.</summary>
public enum WakeUp
{
    Unknown = 0,

    /// <summary>Somebody left a request for a run.</summary>
    Requests,

    /// <summary>A run has no owner and may be claimed.</summary>
    Runs,

    /// <summary>Slots of a pool are free.</summary>
    Pools,

    /// <summary>A run has ended, which may have held a concurrency key.</summary>
    Keys,
}

/// <summary>
/// How processes on one database hear of each other's work at once. A wake-up says "look", never "this is so": it may be missed and may come for nothing, so whoever
/// listens looks from time to time as well, as often as <see cref="LookAgain"/> says.
/// </summary>
public interface IWakeUps : IAsyncDisposable
{
    /// <summary>Nobody calls; everybody looks twice a second.</summary>
    static IWakeUps None => NoWakeUps.Local;

    /// <summary>How long to wait before looking without having been woken.</summary>
    /// <param name="inVain">How many looks in a row found nothing, ≥ 0.</param>
    TimeSpan LookAgain(int inVain);

    /// <summary>Calls back whenever somebody tells of this, in this process or in another one, until the answer is disposed. Called from any thread; must be quick.</summary>
    IDisposable Listen(WakeUp what, Action heard);

    /// <summary>Tells those who listen, after what there is to find was committed. Returns at once; several tellings may arrive in another process as one.</summary>
    void Tell(WakeUp what);
}
