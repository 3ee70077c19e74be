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
        "the part before the first colon says which database program to talk to, and this version knows sqlite, postgres and sqlserver",
        "write sqlite:PATH, for example sqlite:/var/lib/orc/orc.db; or postgres://USER:PASSWORD@HOST:PORT/NAME; or sqlserver://USER:PASSWORD@HOST:PORT/NAME");

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

    public static StorageException LogUnreadable(string database, Exception? inner) => new(
        StorageErrorKind.ReadOnly,
        "ORC6420",
        $"{database} can be read only together with its log, and the log cannot be read where nothing can be written",
        "the program that wrote it last did not close it, so the newest steps are in the file that ends in -wal; SQLite needs to write beside it to read them",
        "copy the home to a place that can be written, and look there: cp -r HOME COPY, then --home COPY",
        inner);

    public static StorageException SchemaOfAnotherVersion(string database) => new(
        StorageErrorKind.ReadOnly,
        "ORC6421",
        $"{database} has an older schema than this program, and it cannot be written",
        "tables of this version would have to be made first",
        "look at it with the version that made it, or copy the home to a place that can be written, and look there");

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

    public static StorageException NoSuchDefinition(string pipeline, string hash) => new(
        StorageErrorKind.Constraint,
        "ORC6000",
        $"there is no stored definition {hash} of a pipeline \"{pipeline}\"",
        "a pipeline is registered by naming one of its definitions, so the definition must be stored first and have the pipeline's name",
        "register the pipeline from its file or its JSON, which stores the definition. Nothing was changed.");

    public static StorageException WrongStatement(string statement, string detail, Exception? inner) => new(
        StorageErrorKind.Defect,
        "ORC5144",
        $"the database did not understand the statement \"{statement}\": {detail}",
        "the statement and the schema do not fit together",
        "report this with the message above",
        inner);

    public static StorageException CannotConnect(string database, string detail, Exception? inner) => new(
        StorageErrorKind.CannotOpen,
        "ORC5160",
        $"{database} does not answer: {detail}",
        "everything but artifacts and logs is kept there, so nothing can be done without it",
        "look whether the server runs and can be reached from here (host, port, firewall, TLS), and whether the URL in --db or ORC_DB is right",
        inner);

    public static StorageException AccessDenied(string database, string detail, Exception? inner) => new(
        StorageErrorKind.CannotOpen,
        "ORC5161",
        $"{database} does not let us in: {detail}",
        "the user, the password or the user's rights are not what the server wants; the program makes and changes tables of its own",
        "correct the user and password in --db or ORC_DB, or let that user connect, create tables and read and write them",
        inner);

    public static StorageException NoSuchDatabase(string database, string detail, Exception? inner) => new(
        StorageErrorKind.CannotOpen,
        "ORC5162",
        $"{database} does not exist: {detail}",
        "the program makes its tables, but never a database on a server: where it lies, who owns it and how it is saved is not its business",
        "create an empty database with UTF-8 text (PostgreSQL: CREATE DATABASE orc; SQL Server: CREATE DATABASE orc) and name it in --db or ORC_DB",
        inner);

    public static StorageException WrongServerUrl(string scheme, string detail) => new(
        StorageErrorKind.CannotOpen,
        "ORC5163",
        $"what follows \"{scheme}:\" is neither a URL nor a connection string: {detail}",
        "it says where the server is and who asks",
        scheme == "postgres"
            ? "write postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=require, or postgres:Host=…;Database=…;Username=…;Password=… (in a URL, write special characters of a password as %XX)"
            : "write sqlserver://USER:PASSWORD@HOST:PORT/NAME?Encrypt=true, or sqlserver:Server=…;Database=…;User ID=…;Password=… (in a URL, write special characters of a password as %XX)");

    public static StorageException ServerNotUsable(string database, string detail, string help) => new(
        StorageErrorKind.CannotOpen,
        "ORC5164",
        $"{database} cannot hold the program's tables: {detail}",
        "the program needs a server that keeps any text, compares it byte by byte, and reads a consistent state while others write",
        help);

    public static StorageException ServerBusy(string database, TimeSpan waited, string detail, Exception? inner) => new(
        StorageErrorKind.Busy,
        "ORC5165",
        $"{database} did not come to an end within {waited.TotalSeconds:0.#} s: {detail}",
        "writes of others are waited for and conflicts are tried again, but not for ever",
        "look which session holds its locks (PostgreSQL: pg_stat_activity; SQL Server: sys.dm_exec_requests), end its transaction and try again",
        inner);

    public static StorageException ConnectionLost(string database, string detail, Exception? inner) => new(
        StorageErrorKind.Io,
        "ORC5166",
        $"the connection to {database} was lost: {detail}",
        "the server ended or restarted, or the network between failed; what was not committed was undone",
        "look whether the server runs and can be reached, then run again with --resume",
        inner);

    public static StorageException InDoubt(string database, TimeSpan waited, Exception? inner) => new(
        StorageErrorKind.Io,
        "ORC5167",
        $"{database} took a commit and could not be asked for {waited.TotalSeconds:0.#} s what became of it",
        "the connection was lost between the question and the answer, so the last change may or may not be stored",
        "when the server is back, look (orc show, orc runs) before doing it again; runs find out by themselves when they are resumed",
        inner);

    public static StorageException NotStorable(string database, string statement, string detail, Exception? inner) => new(
        StorageErrorKind.Constraint,
        "ORC5168",
        $"{database} cannot hold a value of the statement \"{statement}\": {detail}",
        "names and keys have a greatest length on a server, because they are found by an index",
        "use a shorter name; on SQL Server names of tasks, artifacts and parameters have up to 128 to 250 characters",
        inner);

    public static StorageException NoCultures(string database) => new(
        StorageErrorKind.CannotOpen,
        "ORC5173",
        $"{database} cannot be opened: SQL Server's driver needs the cultures of the operating system, and this program runs without them",
        "the driver finds the code pages of the server's collations by them",
        "install ICU (Debian and Ubuntu: apt-get install libicu-dev; Alpine: apk add icu-libs icu-data-full); a program of your own must not be built with InvariantGlobalization");

    public static StorageException CopyDirection(string source, string target) => new(
        StorageErrorKind.CannotOpen,
        "ORC5169",
        $"{source} cannot be copied to {target}",
        "a copy moves a home from its SQLite file to a server",
        "name the home's file as the source (it is, unless --from says otherwise) and a server as the target: --to postgres://… or --to sqlserver://…");

    public static StorageException CopyTargetNotEmpty(string target, string table, string rows) => new(
        StorageErrorKind.Constraint,
        "ORC5170",
        $"{target} is not empty: {table} has {rows} row{(rows == "1" ? "" : "s")}",
        "a copy into a database that is in use would mix two histories, and a copy that ended before its time leaves nothing behind, so there is nothing to go on with",
        $"copy into an empty database or schema. {NothingChanged}");

    public static StorageException CopyWhileWorking(string source, string run) => new(
        StorageErrorKind.Busy,
        "ORC5171",
        $"the run {run} of {source} is being worked on",
        "what is done after the copy has begun would be missing in it",
        $"wait until it has ended, or stop its program (Ctrl-C; the run goes on from the copy with --resume), and copy then. {NothingChanged}");

    public static StorageException CopyDiffers(string what) => new(
        StorageErrorKind.Defect,
        "ORC5172",
        $"the copy is not what was copied: {what}",
        "a copy counts only when every table was read back and is the same",
        $"report this with the message above. {NothingChanged}");
}
