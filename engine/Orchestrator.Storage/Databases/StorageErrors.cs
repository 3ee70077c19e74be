namespace Orchestrator.Storage.Databases;

/// <summary>Every message of this project that a user may see, by code.</summary>
internal static class StorageErrors
{
    private const string NothingChanged = "Nothing was changed.";

    /// <param name="url">What was given, without anything that may be a password.</param>
    public static StorageException UnknownUrl(string url) => new(
        StorageErrorKind.CannotOpen,
        "ORC5130",
        $"\"{url}\" is not a database that this version opens",
        "the part before the first colon says which database program to talk to, and this version has SQLite only",
        "write sqlite:PATH, for example sqlite:/var/lib/orc/orc.db");

    public static StorageException EditedMigration(string database, string set, string file, string applied, string ours) => new(
        StorageErrorKind.Migration,
        "ORC5131",
        $"the migration {set}/{file} is not the one that was applied to {database}: applied {applied[..12]}, this program has {ours[..12]}",
        "a migration that was applied once is history; if its text changes, databases with the same number no longer look alike",
        $"run the program version that made this database, or put the old text of {file} back and add the change as the next number. {NothingChanged}");

    public static StorageException NewerDatabase(string database, string what) => new(
        StorageErrorKind.Newer,
        "ORC5132",
        $"{database} was made or changed by a newer version of this program: {what}",
        "an older program does not know what the newer one keeps there and could damage it",
        $"install the newer version, or use another home with --home DIR. {NothingChanged}");

    public static StorageException Corrupted(string database, string detail, Exception? inner) => new(
        StorageErrorKind.Corrupted,
        "ORC5133",
        $"{database} is not a database or is damaged: {detail}",
        "going on with a damaged file could lose what is still readable in it",
        $"restore a copy of the file (with its -wal file, if the copy has one), or move the home away and start with a new one. {NothingChanged}",
        inner);

    public static StorageException ReadOnly(string database, Exception? inner) => new(
        StorageErrorKind.ReadOnly,
        "ORC5134",
        $"{database} cannot be written",
        "every step of a run is stored before the next one starts, so the file and its folder must be writable",
        "give this user write permission on the folder and the file, or use another home with --home DIR",
        inner);

    public static StorageException DiskFull(string database, Exception? inner) => new(
        StorageErrorKind.Full,
        "ORC5135",
        $"the disk of {database} is full",
        "a step of a run counts only when it is stored; what could not be stored was undone",
        "make room on that disk and run again with --resume, or use another home with --home DIR",
        inner);

    public static StorageException Busy(string database, TimeSpan waited, Exception? inner) => new(
        StorageErrorKind.Busy,
        "ORC5136",
        $"{database} was locked by another process for more than {waited.TotalSeconds:0.#} s",
        "one process writes at a time; it normally holds the lock for milliseconds",
        "find the process that holds the file (on Linux: fuser FILE; a database browser with an open transaction is a usual one), end its transaction and try again",
        inner);

    public static StorageException CannotOpen(string database, string detail, Exception? inner) => new(
        StorageErrorKind.CannotOpen,
        "ORC5137",
        $"{database} cannot be opened: {detail}",
        "the folder must exist or be makable, and the path must lead to a file",
        $"check the path and its permissions, or use another home with --home DIR. {NothingChanged}",
        inner);

    public static StorageException Io(string database, string detail, Exception? inner) => new(
        StorageErrorKind.Io,
        "ORC5138",
        $"the disk of {database} failed: {detail}",
        "the operating system did not read or write what was asked; what could not be stored was undone",
        "look at the system's log for errors of that disk; a home on a network file system needs one with working locks",
        inner);

    public static StorageException MigrationFailed(string database, string set, string file, Exception inner) => new(
        StorageErrorKind.Migration,
        "ORC5139",
        $"the migration {set}/{file} failed on {database}: {inner.Message}",
        "the program cannot work with half a schema",
        $"report this with the message above; the database is as it was before. {NothingChanged}",
        inner);

    public static StorageException Constraint(string statement, string detail, Exception? inner) => new(
        StorageErrorKind.Constraint,
        "ORC5140",
        $"the statement \"{statement}\" breaks a rule of the schema: {detail}",
        "a key exists already, a value is missing, or a row refers to one that does not exist",
        "if you did not write this statement, report it with the message above",
        inner);

    public static StorageException NoFactHandler(string kind) => new(
        StorageErrorKind.Defect,
        "ORC5141",
        $"nobody stores facts of the kind \"{kind}\"",
        "an attempt left a fact for an activity family that this program does not have; dropping it silently would lose results",
        "register the family that owns this kind of fact (its AddX method), or fix the activity's fact");

    public static StorageException UnknownPool(string pool) => new(
        StorageErrorKind.Defect,
        "ORC5142",
        $"there is no pool \"{pool}\"",
        "an attempt takes its slots from a pool with a size",
        $"make the pool \"{pool}\", or use the name of one that exists");

    public static StorageException ForeignDatabase(string database) => new(
        StorageErrorKind.CannotOpen,
        "ORC5143",
        $"{database} is a SQLite database of another program",
        "it has tables or a mark that this program did not write, and they are not ours to change",
        $"give another path, or use another home with --home DIR. {NothingChanged}",
        null);

    public static StorageException UnknownSync(string setting) => new(
        StorageErrorKind.CannotOpen,
        "ORC5145",
        $"ORC_SYNC is \"{setting}\", which is neither full nor a number of milliseconds from 0 to 10000",
        "it says how long a step of a run may be stored without being on the disk, which is what a power cut can cost",
        "set ORC_SYNC=full for every step on the disk before the next one, ORC_SYNC=20 for the default, or unset it");

    public static StorageException WrongStatement(string statement, string detail, Exception? inner) => new(
        StorageErrorKind.Defect,
        "ORC5144",
        $"the database did not understand the statement \"{statement}\": {detail}",
        "the statement and the schema do not fit together",
        "report this with the message above",
        inner);
}
