namespace Orchestrator.Dsl.Diagnostics;

/// <content>3xxx: activities, inputs, parameters, triggers and settings do not fit.</content>
public static partial class DiagnosticCatalog
{
    public static DiagnosticRule UnknownActivity { get; } = new("ORC3001", "unknown activity", "a task is run by the activity that \"uses\" names, so this program must have it");

    public static DiagnosticRule UnknownInput { get; } = new("ORC3002", "unknown input", "an input that the activity does not have would be ignored, and a misspelled one would leave its default in force");

    public static DiagnosticRule MissingInput { get; } = new("ORC3003", "missing input", "the activity cannot work without it");

    public static DiagnosticRule WrongType { get; } = new("ORC3004", "value of a wrong type", "each input has a type, and nothing is converted by guessing");

    public static DiagnosticRule OutOfBounds { get; } = new("ORC3005", "number out of bounds", "the activity has no meaning for numbers outside its bounds");

    public static DiagnosticRule NotAChoice { get; } = new("ORC3006", "not one of the choices", "this value is one of a few words");

    public static DiagnosticRule UnknownMember { get; } = new("ORC3007", "unknown member of a value", "a member that nobody reads is a misspelling more often than a wish");

    public static DiagnosticRule MissingMember { get; } = new("ORC3008", "missing member of a value", "the value says too little without it");

    public static DiagnosticRule CheckFailed { get; } = new("ORC3009", "value that does not make sense", "the activity could not work with this value, so it is refused before anything runs");

    public static DiagnosticRule BadReference { get; } = new("ORC3010", "bad reference", "a reference by name is looked up when the task starts, and this one could never be found");

    public static DiagnosticRule OutputDoesNotFit { get; } = new("ORC3011", "output that does not fit", "each input has a type, and so has each output; nothing is converted by guessing");

    public static DiagnosticRule ParameterDoesNotFit { get; } = new("ORC3012", "parameter that does not fit", "each input has a type, and so has each parameter; nothing is converted by guessing");

    public static DiagnosticRule BadDuration { get; } = new("ORC3013", "bad duration", "a duration is written as numbers with units from large to small, each unit at most once: d, h, m, s, ms (\"10s\", \"1h30m\", \"250ms\")");

    public static DiagnosticRule BadCron { get; } = new("ORC3014", "bad cron expression", "a schedule is cron with 5 fields (minute hour day-of-month month day-of-week), 6 (second first) or 7 (and year last)");

    public static DiagnosticRule UnknownZone { get; } = new("ORC3015", "unknown time zone", "a schedule is meant in the local time of a place, named as in the IANA time zone database");

    public static DiagnosticRule BadDefault { get; } = new("ORC3016", "default of a wrong type", "a run without a value for the parameter takes the default, so it must be a legal value");

    public static DiagnosticRule DefaultOutOfBounds { get; } = new("ORC3017", "default that the parameter refuses", "a run without a value for the parameter takes the default, so it must be a legal value");

    public static DiagnosticRule BoundsReversed { get; } = new("ORC3018", "minimum above maximum", "no value could be legal");

    public static DiagnosticRule BoundsDoNotApply { get; } = new("ORC3019", "bounds or choices that do not apply", "minimum and maximum bound numbers, and every choice is a value of the parameter's type");

    public static DiagnosticRule BadAttempts { get; } = new("ORC3020", "number of attempts out of bounds", "a task is tried at least once, and after 100 attempts the cause is not chance");

    public static DiagnosticRule DelayAboveMax { get; } = new("ORC3021", "delay above the longest delay", "the first wait would be longer than the longest");

    public static DiagnosticRule MapNeedsList { get; } = new("ORC3022", "\"map.over\" that is not a list", "a mapped task runs once for every item of a list");

    public static DiagnosticRule WhenNeedsCondition { get; } = new("ORC3023", "\"when\" that is not a condition", "\"when\" decides whether the task runs, so it must be able to be true and false");

    public static DiagnosticRule UnreadableValue { get; } = new("ORC3024", "value that cannot be read", "the activity could not read the value");

    public static DiagnosticRule SecretWouldLeak { get; } = new("ORC3025", "secret where it would leak", "what an expression or an ordinary input becomes is stored with the run and shown to people; only inputs made for secrets keep the reference until the attempt runs");

    public static DiagnosticRule SecretComputed { get; } = new("ORC3026", "secret in a computation", "a secret's value is known only inside the attempt that uses it, so no expression can work with it");

    public static DiagnosticRule UnknownSecretSource { get; } = new("ORC3027", "unknown secret source", "a secret comes from the environment, from a file or from the encrypted store of the home");

    public static DiagnosticRule BadSecretName { get; } = new("ORC3028", "bad name of a secret", "secrets are environment variables and files too, so their names are letters, digits and underscores, 64 at most");

    public static DiagnosticRule BadSize { get; } = new("ORC3029", "bad size", "a size is a number with a unit: B, KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (powers of 1024)");

    public static DiagnosticRule RetryRuleWithoutCondition { get; } = new("ORC3040", "retry rule without a condition", "the first rule that fits decides, so a rule that fits every failure would hide the policy and all rules after it");

    public static DiagnosticRule ConcurrencyKeyReadsLate { get; } = new("ORC3051", "concurrency key that reads what comes later", "the key decides whether a run may start, so it is worked out before any task has run");

    public static DiagnosticRule MappedWait { get; } = new("ORC3041", "mapped task that waits for an answer", "a question is asked once per task, so that an answer names one");

    public static DiagnosticRule BadDate { get; } = new("ORC3070", "date or time that cannot be read", "dates and times are written as in ISO 8601, so that they mean the same to everybody");

    public static DiagnosticRule UnknownCalendar { get; } = new("ORC3071", "unknown calendar", "a trigger leaves out the days of calendars that its pipeline declares");

    public static DiagnosticRule NeverDue { get; } = new("ORC3072", "trigger that is never due", "a trigger that starts no run is a mistake more often than a wish");

    public static DiagnosticRule DuplicateTrigger { get; } = new("ORC3073", "two triggers of one name", "the history of a trigger is kept under its name");

    public static DiagnosticRule UnknownTriggerParameter { get; } = new("ORC3074", "trigger with a value for an unknown parameter", "a value that nothing refers to is a misspelling more often than a wish");

    public static DiagnosticRule TriggerValueRefused { get; } = new("ORC3075", "trigger with a value that its parameter refuses", "no run could start");

    public static DiagnosticRule TriggerWithoutValue { get; } = new("ORC3076", "trigger that leaves a parameter without a value", "nobody is there to give one when a run starts by itself");

    public static DiagnosticRule TriggerReadsLate { get; } = new("ORC3077", "trigger that reads what comes later", "a trigger is looked at before its run has parameters or tasks, so it sees nothing but the run's time and what happened");

    public static DiagnosticRule CannotBeCombined { get; } = new("ORC3078", "trigger that cannot be part of a combination", "a combination waits for things that happen, and a time comes whether or not anything has");

    public static DiagnosticRule EmptyCombination { get; } = new("ORC3079", "combination of nothing", "a trigger that starts no run is a mistake more often than a wish");

    public static DiagnosticRule TriggersItself { get; } = new("ORC3080", "pipeline that triggers itself", "each run would start the next one, for ever", Severity.Warning);

    public static DiagnosticRule BadFilePattern { get; } = new("ORC3081", "bad file pattern", "one folder is looked at again and again, so only the last part of the path may have * and ?");

    public static DiagnosticRule MissingArgument { get; } = new("ORC3030", "parameter without a value", "a parameter without default gets its value when the run starts");

    public static DiagnosticRule UnknownArgument { get; } = new("ORC3031", "value for an unknown parameter", "a value that nothing refers to is a misspelling more often than a wish");

    public static DiagnosticRule BadArgument { get; } = new("ORC3032", "parameter value of a wrong type", "each parameter has a type, and nothing is converted by guessing");

    public static DiagnosticRule ArgumentOutOfBounds { get; } = new("ORC3033", "parameter value out of bounds", "the pipeline says which values it was made for");
}
