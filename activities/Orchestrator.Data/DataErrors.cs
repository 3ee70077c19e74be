using System.Globalization;
using DuckDB.NET.Data;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Data.Validation;

namespace Orchestrator.Data;

/// <summary>Every message of this family, in order of code.</summary>
internal static class DataErrors
{
    private const string WhyStrict = "A file that is read by guessing gives a model that learned the guess.";

    // Files that people give.

    public static ActivityException FileMissing(string path, string? near) => new(
        "ORC5301", $"there is no file {path}", "A dataset version is made from the bytes of a file.",
        near is null ? "Check the path; it is relative to the folder of the pipeline's file." : $"Did you mean \"{near}\"? The path is relative to the folder of the pipeline's file.");

    public static ActivityException NotAFile(string path) => new(
        "ORC5302", $"{path} is a folder or a pattern, and one file is needed", "A version is the hash of one file's bytes; the order of several files would decide what it is.",
        "Join the files into one, or snapshot each under a name of its own.");

    public static ActivityException NotAPath(string address) => new(
        "ORC5302", $"{address} is an address, and a file is needed", "A version is the hash of one file's bytes, and what an address answers may be another table each time.",
        "Fetch it to a file first, for example in a task with exec.command before this one, and snapshot the file.");

    public static ActivityException FileEmpty(string path) => new("ORC5303", $"{path} is empty", "A dataset needs at least one row.", "Check what writes the file. Pipes and devices count as empty: write what they give to a file first.");

    public static ActivityException HeaderOnly(string path, int columns) => new(
        "ORC5304", $"{path} has a header with {columns} columns and no row", "A dataset needs at least one row.", "Check what writes the file; an export that was filtered too far looks like this.");

    public static ActivityException Ragged(string path, long line, int fields, int expected) => new(
        "ORC5305", $"line {line} of {path} has {fields} fields, and the header has {expected}", WhyStrict,
        fields > expected
            ? "Quote values that contain the delimiter, or set delimiter if another character separates the fields."
            : "Complete the line; a field without a value is written as nothing between two delimiters.");

    public static ActivityException WrongEncoding(string path, string encoding, long line, long offset, byte value) => new(
        "ORC5306", $"{path} is not {encoding}: byte {offset} (0x{value:X2}, in line {line}) begins no character", "Letters would turn into other letters without a word.",
        "Set encoding to windows-1252 or latin1 for files of older Windows programs, to utf-16 for Excel's \"Unicode text\", or save the file as UTF-8.");

    public static ActivityException WrongEncoding(string path, string encoding, string found) => new(
        "ORC5306", $"{path} is not {encoding}: it begins like {found}", "Letters would turn into other letters without a word.", $"Set encoding to {found}, or save the file as UTF-8.");

    public static ActivityException LineTooLong(string path, long line, int limit) => new(
        "ORC5307", $"line {line} of {path} is longer than {limit / 1024} KiB", "A row must fit in memory; a file without line ends, or with a quote that is never closed, would take all of it.",
        "Check that the file is a table and that the quotes in this line are closed.");

    public static ActivityException DuplicateColumn(string path, string name, int first, int second, string other) => new(
        "ORC5308", name == other
            ? $"columns {first} and {second} of {path} are both called \"{name}\""
            : $"columns {first} and {second} of {path} are called \"{other}\" and \"{name}\", which differ only in case",
        "Rules, labels and features refer to columns by name.", "Rename one of them.");

    public static ActivityException ReservedColumn(string path, string name) => new(
        "ORC5308", $"{path} has a column \"{name}\", a name that is taken", "It is the position of a row in the stored file.", "Rename the column.");

    public static ActivityException NulByte(string path, long line, long offset) => new(
        "ORC5309", $"line {line} of {path} has a NUL byte (byte {offset})", "No text has one: the file is binary, damaged, or in UTF-16.", "Check what the file is; for UTF-16 set encoding to utf-16.");

    public static ActivityException UnknownEnding(string path, string? looksLike) => new(
        "ORC5310", looksLike is null ? $"the ending of {path} does not say what the file is" : $"{path} is {looksLike}, which is not read",
        "Readable are .csv, .tsv, .txt (as CSV), .parquet, .jsonl and .ndjson.",
        looksLike switch
        {
            null => "Rename the file, or set format to csv, tsv, parquet or jsonl.",
            _ when looksLike.StartsWith("compressed", StringComparison.Ordinal) => "Unpack it first; a task with exec.command before this one can do it. Parquet is small without that.",
            _ => "Save the table as CSV, or unpack the archive, and snapshot that file.",
        });

    public static ActivityException ParquetUnreadable(string path, string reason) => new(
        "ORC5311", $"{path} is not a Parquet file that can be read: {reason}", "A Parquet file that was cut off or damaged has no table in it.", "Write the file again; copy it in binary mode.");

    public static ActivityException ChangedWhileRead(string path) => new(
        new Failure
        {
            Code = "ORC5312",
            Kind = FailureKind.Work,
            Message = $"{path} changed while it was read",
            Why = "Its rows would be partly the old and partly the new ones, and the version's hash would be of neither.",
            Help = "Write to another file and rename it when it is complete, then run again.",
            Retryable = true,
        });

    public static ActivityException NoPermission(string path) => new("ORC5313", $"{path} may not be read by the user who runs this", "The file's permissions forbid it.", "Give read permission (chmod +r), or run as its owner.");

    public static ActivityException BrokenQuote(string path, long line, int field, string what) => new(
        "ORC5314", $"line {line} of {path}, field {field}: {what}", WhyStrict, "Put the whole value in double quotes and write each quote inside it twice.");

    public static ActivityException BadJsonLine(string path, long line, string reason) => new(
        "ORC5315", $"line {line} of {path} is not a JSON object: {reason}", "Each line of a JSON lines file is one row.", "Write one object a line, { \"column\": value, … }, without commas between the lines.");

    public static ActivityException BadDatasetName(string name) => new(
        "ORC5316", $"\"{name}\" is not a name for a dataset", "The name stands in references such as datasets:/customers@latest.", "Use letters, digits, '_', '-' and '.', starting with a letter or digit, at most 100 characters.");

    public static ActivityException BadDelimiter(string delimiter) => new(
        "ORC5317", $"delimiter {(delimiter.Length == 0 ? "is empty" : $"\"{delimiter}\" cannot separate fields")}", "It is one ASCII character, not a quote and not a line end.", "Write \",\", \";\", \"|\" or \"\\t\".");

    public static ActivityException UnknownEncoding(string name) => new(
        "ORC5318", $"there is no encoding \"{name}\"", "The bytes of a text mean letters only in an encoding.", "Write utf-8, latin1, windows-1252, utf-16, utf-16le or utf-16be.");

    public static ActivityException ReadDiffers(string path, string reason) => new(
        "ORC5319", $"{path} could not be read as its first pass found it: {reason}", "Two readers that disagree about a file must not guess.", "Look at mixed line ends and quotes; saving the file anew as UTF-8 CSV usually helps.");

    public static ActivityException UnknownFormat(string name) => new("ORC5310", $"there is no format \"{name}\"", "The format decides how bytes become rows.", "Write csv, tsv, parquet or jsonl.");

    // Rules.

    public static ActivityException RulesBroken(ValidationReport report)
    {
        var lines = report.Errors.Select(ValidationReport.Describe).ToArray();
        return new ActivityException(new Failure
        {
            Code = "ORC5320",
            Kind = FailureKind.Work,
            Message = $"{report.Dataset.Name} breaks {lines.Length} of {report.Results.Count} rules: {string.Join("; ", lines)}",
            Why = "What comes after would learn from data that you said is wrong.",
            Help = "Correct the source and run again; or, if the rule is too narrow, widen it, tolerate some rows with mostly, maxCount or maxRate, or make it a warning.",
            Details =
            [
                .. report.Errors.Concat(report.Warnings).SelectMany(result => (IEnumerable<string>)
                [
                    result.Rule.Severity == Severity.Warn ? $"warning: {ValidationReport.Describe(result)}" : ValidationReport.Describe(result),
                    .. result.Examples.Select(row => string.Create(CultureInfo.InvariantCulture, $"  row {row.Row}: {ValidationReport.Values(row)}")),
                ]),
            ],
        });
    }

    public static ActivityException NoRules() => new("ORC5321", "there is no rule to check", "A check without rules passes everything.", "Give rules in expect, or a suite file in suite.");

    public static ActivityException SuiteUnreadable(string path, string reason) => new(
        "ORC5322", $"the suite {path} cannot be read: {reason}", "Its rules must be known before data is judged.", "A suite is a JSON file { \"name\": …, \"expectations\": [ { \"type\": …, \"kwargs\": { … } } ] }.");

    public static ActivityException RulesWrong(IReadOnlyList<string> problems) => new(
        new Failure
        {
            Code = "ORC5323",
            Kind = FailureKind.Work,
            Message = $"rules that cannot be judged: {string.Join("; ", problems)}",
            Why = "A rule that means nothing would pass everything.",
            Help = "Correct them; orc schema describes every rule.",
            Details = problems,
        });

    // Splits.

    public static ActivityException SplitColumnMissing(string input, string column, IEnumerable<string> columns) => new(
        "ORC5330", $"{input} names the column \"{column}\", which the dataset does not have", "Rows are put into parts by its values.", NearNames.Question(column, columns) ?? $"Its columns are {string.Join(", ", columns)}.");

    public static ActivityException SplitStrategies(IEnumerable<string> inputs) => new(
        "ORC5331", $"{string.Join(" and ", inputs)} are set together", "A row can be put into a part by one rule only.", "Keep one of stratifyBy, timeColumn and groupBy.");

    public static ActivityException SplitFractions(double test, double validation) => new(
        "ORC5332", string.Create(CultureInfo.InvariantCulture, $"testFraction {test} and validationFraction {validation} leave nothing to train on, or are not above 0"),
        "Every part needs rows.", "0.2 for test is usual, 0.1 for validation.");

    public static ActivityException SplitPartEmpty(string part, long rows, double fraction) => new(
        "ORC5333", string.Create(CultureInfo.InvariantCulture, $"{fraction:0.####} of {rows} rows leaves the part {part} without a row"), "Every part needs rows.", "Use more data or other fractions.");

    public static ActivityException SplitClassEmpty(string column, string value, long rows, string part) => new(
        "ORC5334", $"\"{value}\" of {column} has {rows} row{(rows == 1 ? "" : "s")}, of which none falls into {part}", "A stratified split promises every class in every part.",
        "Collect more rows of this class, join it with another, use other fractions, or split without stratifyBy. A column of many values, such as a number, is no column to stratify by.");

    public static ActivityException SplitNulls(string input, string column, long nulls, long firstRow) => new(
        "ORC5335", $"{column}, the {input}, has no value in {nulls} row{(nulls == 1 ? "" : "s")} (first: row {firstRow})", "A row without it belongs to no part.",
        "Check the column with notNull before splitting, and drop or complete these rows.");

    public static ActivityException SplitTooFew(string column, string what, long distinct, int parts) => new(
        "ORC5336", $"{column} has {distinct} {what}, too few for {parts} parts", $"No {what} may be in two parts.", "Use a finer column, or split without it.");

    public static ActivityException SplitTimeType(string column, string type) => new(
        "ORC5337", $"{column} is of type {type} and has no order in time", "The latest rows become the test part.", "Name a date, timestamp or number column; texts like 31/01/2026 are no dates until they are written 2026-01-31.");

    // Reading tables.

    public static ActivityException ColumnMissing(string column, IEnumerable<string> columns) => new(
        "ORC5340", $"the dataset has no column \"{column}\"", "What is read by name must be there.", NearNames.Question(column, columns) ?? $"Its columns are {string.Join(", ", columns)}.");

    public static ActivityException TooManyRows(long rows) => new("ORC5341", $"{rows} rows do not fit into one table in memory", "A column in memory has at most 2,147,483,591 values.", "Read fewer rows.");

    // References.

    public static ActivityException BadReference(string reference) => new(
        "ORC5350", $"\"{reference}\" is not a reference to a dataset", "A reference names a dataset and one of its versions.", "Write datasets:/customers@latest or datasets:/customers/VERSION, where the first digits of the version will do.");

    public static ActivityException AmbiguousVersion(string reference) => new(
        "ORC5351", $"several versions begin like \"{reference}\"", "A reference must mean one version.", "Write more digits of the version.");

    public static ActivityException NoSuchDataset(string name, IEnumerable<string> known) => new(
        "ORC5352", $"there is no dataset \"{name}\"", "A dataset exists from its first snapshot on.", NearNames.Question(name, known) ?? "List them with orc data.");

    public static ActivityException NoSuchVersion(string name, string version, IEnumerable<string> known) => new(
        "ORC5353", $"dataset {name} has no version \"{version}\"", "A version is the hash of its source's bytes.", $"Its versions begin {string.Join(", ", known.Take(5))}; latest is the newest.");

    // The machine.

    public static ActivityException QueryFailed(string message) => new(new Failure { Code = "ORC5360", Kind = FailureKind.Unexpected, Message = $"DuckDB refused a query: {FirstLine(message)}", Details = message.Split('\n') });

    /// <summary>DuckDB's words for a machine that ran out of something; null when the cause is another.</summary>
    public static ActivityException? FromMachine(DuckDBException wrong) => wrong.Message switch
    {
        var text when text.Contains("No space left", StringComparison.OrdinalIgnoreCase) || text.Contains("max_temp_directory_size", StringComparison.OrdinalIgnoreCase) => new ActivityException(
            new Failure { Code = "ORC5361", Kind = FailureKind.Infrastructure, Message = $"the disk is full: {FirstLine(text)}", Why = "Data that does not fit in memory is worked on in the attempt's folder.", Help = "Free some space in the home folder and run again.", Retryable = true }, wrong),
        var text when text.Contains("Out of Memory", StringComparison.OrdinalIgnoreCase) => new ActivityException(
            new Failure { Code = "ORC5362", Kind = FailureKind.Infrastructure, Message = $"the data needs more memory than is allowed: {FirstLine(text)}", Why = "One task must not take the machine's memory from all others.", Help = "Check fewer unique rules at a time, or fewer columns." }, wrong),
        _ => null,
    };

    private static string FirstLine(string text) => text.Split('\n', 2)[0];
}
