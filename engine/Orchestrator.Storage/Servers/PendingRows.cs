using System.Collections;

namespace Orchestrator.Storage.Servers;

/// <summary>
/// The positions of rows that changed nothing, asked before the rows were sent. Until then it answers what nearly always holds, "every row changed something", and
/// remembers that somebody relied on it: if it turns out otherwise, the operation is undone and run again without guessing.
/// </summary>
internal sealed class PendingRows : IReadOnlyList<int>
{
    private IReadOnlyList<int>? known;

    /// <summary>Somebody looked before the answer was known.</summary>
    public bool WasAssumed { get; private set; }

    public int Count => Look().Count;

    public int this[int index] => Look()[index];

    public IEnumerator<int> GetEnumerator() => Look().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Says what the database answered.</summary>
    /// <returns>False: somebody relied on another answer.</returns>
    public bool Settle(IReadOnlyList<int> unchanged)
    {
        known = unchanged;
        return !WasAssumed || unchanged.Count == 0;
    }

    private IReadOnlyList<int> Look()
    {
        WasAssumed |= known is null;
        return known ?? [];
    }
}

/// <summary>Ends a try whose operation relied on an answer that was another one. Nothing of it is stored.</summary>
internal sealed class AssumptionFailedException() : Exception("a row that was taken to change something did not");
