using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Servers;

/// <summary>What an error of a server means for the transaction it happened in.</summary>
internal enum TroubleKind
{
    Unknown = 0,

    /// <summary>It would fail again: a wrong statement, a broken rule, a password that is not right.</summary>
    Lasting,

    /// <summary>The server undid the transaction because of what others did at the same time: nothing is stored, and the next try may succeed.</summary>
    Conflict,

    /// <summary>
    /// A key exists. Somebody else may have made it between a look that did not find it and the insertion; whoever looks again finds it. Tried again once; then it is lasting.
    /// </summary>
    Duplicate,

    /// <summary>The connection is gone or could not be made. Nothing is stored, unless the commit was under way.</summary>
    ConnectionLost,
}

/// <summary>An error of a server, understood.</summary>
internal sealed record ServerTrouble(TroubleKind Kind, StorageException Explanation);
