using Orchestrator.Core.Activities;

namespace Orchestrator.Storage.Databases;

/// <summary>What a caller may do about a storage error.</summary>
public enum StorageErrorKind
{
    Unknown = 0,

    /// <summary>The URL, the folder or the file cannot be used as a database.</summary>
    CannotOpen,

    /// <summary>Somebody else held the lock for too long. Trying again may help.</summary>
    Busy,

    /// <summary>The file or folder cannot be written.</summary>
    ReadOnly,

    /// <summary>The disk is full.</summary>
    Full,

    /// <summary>The disk or the network file system failed.</summary>
    Io,

    /// <summary>The file is not a database, or a damaged one.</summary>
    Corrupted,

    /// <summary>A newer version of the program made or changed this database.</summary>
    Newer,

    /// <summary>A migration is not the one that was applied, or failed.</summary>
    Migration,

    /// <summary>A row breaks a constraint: a key that exists, a missing parent.</summary>
    Constraint,

    /// <summary>The program asked for something impossible: a wrong statement, a fact that nobody takes.</summary>
    Defect,
}

/// <summary>The database could not do what was asked. Nothing of the operation that threw it was stored.</summary>
public sealed class StorageException : Exception
{
    internal StorageException(StorageErrorKind kind, string code, string message, string why, string help, Exception? inner = null) : base(message, inner)
    {
        Kind = kind;
        Code = code;
        Why = why;
        Help = help;
    }

    public StorageErrorKind Kind { get; }

    /// <summary>Names the mistake for ever: <c>ORC5134</c>.</summary>
    public string Code { get; }

    public string Why { get; }

    public string Help { get; }

    /// <summary>The same as a failure of an attempt or a run.</summary>
    public Failure ToFailure() => new()
    {
        Code = Code,
        Kind = FailureKind.Infrastructure,
        Message = Message,
        Why = Why,
        Help = Help,
        Retryable = Kind is StorageErrorKind.Busy or StorageErrorKind.Io or StorageErrorKind.Full,
    };
}
