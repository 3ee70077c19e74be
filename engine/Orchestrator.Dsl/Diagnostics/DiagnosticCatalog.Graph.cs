namespace Orchestrator.Dsl.Diagnostics;

/// <content>2xxx: the tasks do not make a graph that can run.</content>
public static partial class DiagnosticCatalog
{
    public static DiagnosticRule BadName { get; } = new("ORC2001", "bad name", "names appear in expressions, paths and addresses, so they are short and plain");

    public static DiagnosticRule DuplicateName { get; } = new("ORC2002", "duplicate name", "a name must mean one thing, or expressions could not refer to it");

    public static DiagnosticRule UnknownNeed { get; } = new("ORC2003", "unknown task in \"needs\"", "dependencies decide the order, so every name must resolve before a run starts");

    public static DiagnosticRule Cycle { get; } = new("ORC2004", "cycle", "a task starts after those it waits for have ended, so tasks that wait for each other never start");

    public static DiagnosticRule SelfReference { get; } = new("ORC2005", "task that depends on itself", "a task starts after those it waits for have ended, so it cannot wait for itself");

    public static DiagnosticRule NeedsExitTask { get; } = new("ORC2006", "task that depends on a task on exit", "a task on exit starts when all other tasks have ended, so no other task can wait for it");

    public static DiagnosticRule UnknownTaskInExpression { get; } = new("ORC2007", "unknown task in an expression", "a reference to an output makes a dependency, so its task must exist");

    public static DiagnosticRule UnknownOutput { get; } = new("ORC2008", "unknown output", "an activity yields the outputs that it declares and no others");

    public static DiagnosticRule UnknownParameter { get; } = new("ORC2009", "unknown parameter", "a run gets values for the parameters that the pipeline declares and no others");

    public static DiagnosticRule JoinNeverFires { get; } = new("ORC2010", "rule that can never be met", "a run must not end with a task that could never run");

    public static DiagnosticRule JoinContradictsData { get; } = new("ORC2011", "rule that contradicts the data", "outputs exist only when a task succeeded, so a task that runs only after its failure has nothing to read");

    public static DiagnosticRule NoTasks { get; } = new("ORC2012", "no tasks", "a run of nothing would succeed and mean nothing");

    public static DiagnosticRule TooManyTasks { get; } = new("ORC2013", "too many tasks", "the number of tasks is limited so that one definition cannot exhaust the engine");

    public static DiagnosticRule TooManyParameters { get; } = new("ORC2040", "too many parameters", "a parameter is something that a person may want to change, and each is stored with every run");

    public static DiagnosticRule OutputMayBeAbsent { get; } = new("ORC2014", "output that may be absent", "outputs exist only when a task succeeded, and this rule lets the task run without that", Severity.Warning);

    public static DiagnosticRule UnusedParameter { get; } = new("ORC2015", "unused parameter", "a parameter that nothing refers to is a misspelling more often than a wish", Severity.Warning);

    public static DiagnosticRule RepeatedNeed { get; } = new("ORC2016", "task named twice in \"needs\"", "the second mention changes nothing, and another task may have been meant", Severity.Warning);

    public static DiagnosticRule ItemOutsideMap { get; } = new("ORC2017", "item outside a mapped task", "item and index exist only in a task with \"map\"");

    public static DiagnosticRule UnknownItemMember { get; } = new("ORC2050", "unknown member of an item", "an item of named lists has an element of each of them and nothing else");

    public static DiagnosticRule MapWithoutLists { get; } = new("ORC2051", "map without lists", "a mapped task runs once for every item, so it needs at least one list");

    public static DiagnosticRule MapOverNothing { get; } = new("ORC2052", "map over an empty list", "a task without items does nothing and succeeds, which nobody notices", Severity.Warning);
}
