namespace Orchestrator.Dsl.Diagnostics;

/// <content>1xxx: the text is not well formed, or not the shape of a pipeline.</content>
public static partial class DiagnosticCatalog
{
    public static DiagnosticRule EmptyFile { get; } = new("ORC1001", "empty file", "a pipeline is one JSON object with at least a name and a task");

    public static DiagnosticRule UnexpectedCharacter { get; } = new("ORC1002", "unexpected character", "only JSON values, comments and white space may stand here");

    public static DiagnosticRule UnclosedText { get; } = new("ORC1003", "unclosed text", "a text ends with a double quote on the line it started on");

    public static DiagnosticRule UnclosedBracket { get; } = new("ORC1004", "unclosed brace or bracket", "every { needs its } and every [ its ], or nobody can say what belongs to it");

    public static DiagnosticRule MissingComma { get; } = new("ORC1005", "missing comma", "members and items are separated by commas");

    public static DiagnosticRule MissingColon { get; } = new("ORC1006", "missing colon", "a colon stands between a member's name and its value");

    public static DiagnosticRule MissingValue { get; } = new("ORC1007", "missing value", "each name and each comma is followed by a value");

    public static DiagnosticRule DuplicateKey { get; } = new("ORC1008", "duplicate name in an object", "of two members with one name only one could count, and which one would be a guess");

    public static DiagnosticRule BadEscape { get; } = new("ORC1009", "bad escape or control character in a text", "JSON knows the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX, and texts hold no raw control characters");

    public static DiagnosticRule BadNumber { get; } = new("ORC1010", "bad number", "JSON numbers have digits before and after the point, no leading zero, no plus sign, and fit in 64 bits");

    public static DiagnosticRule BareWord { get; } = new("ORC1011", "word without quotes", "only true, false, null and numbers stand without double quotes");

    public static DiagnosticRule UnclosedComment { get; } = new("ORC1012", "unclosed comment", "a comment that starts with /* hides everything up to its */");

    public static DiagnosticRule TooDeep { get; } = new("ORC1013", "nested too deeply", "the depth is limited so that no file can exhaust the program that reads it");

    public static DiagnosticRule TooLarge { get; } = new("ORC1014", "file too large", "the size is limited so that no file can exhaust the program that reads it");

    public static DiagnosticRule BadEncoding { get; } = new("ORC1015", "not readable as text", "definitions are text in UTF-8, or in UTF-16 with a byte order mark");

    public static DiagnosticRule ExtraComma { get; } = new("ORC1016", "extra comma", "one comma separates two values; only one after the last value is forgiven");

    public static DiagnosticRule WrongClosing { get; } = new("ORC1017", "closing bracket without its opening one", "every } closes a { and every ] closes a [");

    public static DiagnosticRule TextAfterEnd { get; } = new("ORC1018", "text after the end", "a file holds one pipeline");

    public static DiagnosticRule BadExpression { get; } = new("ORC1020", "expression that is not JavaScript", "conditions and ${ … } are JavaScript expressions");

    public static DiagnosticRule UnclosedExpression { get; } = new("ORC1021", "unclosed ${", "an expression in a text ends with }");

    public static DiagnosticRule EmptyExpression { get; } = new("ORC1022", "empty expression", "an expression must yield a value");

    public static DiagnosticRule ForbiddenInExpression { get; } = new("ORC1023", "not allowed in expressions", "an expression only computes a value from tasks, parameters and the run: the same values must give the same result, and nothing else may be touched");

    public static DiagnosticRule ComputedReference { get; } = new("ORC1024", "computed reference", "dependencies are read from the expression's text before anything runs, so the names after \"tasks\" and \"params\" are written out");

    public static DiagnosticRule UnknownNameInExpression { get; } = new("ORC1025", "unknown name in an expression", "expressions know tasks, params, run and, in a mapped task, item and index");

    public static DiagnosticRule ExpressionTooLarge { get; } = new("ORC1030", "expression that is too large", "an expression is read by programs that go down into its parts, and must not exhaust them");

    public static DiagnosticRule WrongShape { get; } = new("ORC1101", "wrong kind of JSON value", "each part of a pipeline has one shape, which the JSON Schema (orc schema) describes");

    public static DiagnosticRule UnknownProperty { get; } = new("ORC1102", "unknown property", "a property that nobody reads is a misspelling more often than a wish");

    public static DiagnosticRule MissingProperty { get; } = new("ORC1103", "missing property", "without it the pipeline says too little to run");

    public static DiagnosticRule UnknownWord { get; } = new("ORC1104", "not one of the legal words", "this setting is one of a few words");

    public static DiagnosticRule BadSetting { get; } = new("ORC1105", "setting out of bounds", "a setting outside its bounds would make the run wait for ever or overwhelm the machine");
}
