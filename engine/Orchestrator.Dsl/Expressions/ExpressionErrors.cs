using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Expressions;

/// <summary>The texts of everything that can go wrong when an expression is evaluated.</summary>
internal static class ExpressionErrors
{
    public static ActivityException TaskWithoutOutputs(string expression, string task) => new(
        "ORC5010",
        $"the expression {Shown(expression)} reads task \"{task}\", which has no outputs",
        "a task that was skipped or failed yields nothing",
        $"Say what to use instead, tasks.{task}?.output ?? 0, or run this task only after the success of \"{task}\".");

    public static ActivityException OutputNotSet(string expression, string task, string output) => new(
        "ORC5011",
        $"the expression {Shown(expression)} reads \"{output}\" of task \"{task}\", which did not set it",
        "an activity may leave an output out when there is nothing to say",
        $"Say what to use instead: tasks.{task}.{output} ?? 0.");

    public static ActivityException ParameterWithoutValue(string expression, string parameter) => new(
        "ORC5012",
        $"the expression {Shown(expression)} reads parameter \"{parameter}\", which has no value in this run",
        help: $"Start the run with --param {parameter}=VALUE.");

    public static ActivityException Threw(string expression, string message, Exception inner) => new(
        new Failure { Code = "ORC5013", Kind = FailureKind.Work, Message = $"the expression {Shown(expression)} failed: {message}", Help = HelpFor(expression) },
        inner);

    public static ActivityException NotUsable(string expression, string is_, string needed) => new(
        "ORC5014", $"the expression {Shown(expression)} yields {is_} where {needed} is needed", help: HelpFor(expression));

    public static ActivityException LimitExceeded(string expression, string limit, string setting, Exception inner) => new(
        new Failure
        {
            Code = "ORC5015",
            Kind = FailureKind.Work,
            Message = $"the expression {Shown(expression)} was stopped: it exceeded the limit of {limit}",
            Why = "an expression only picks and compares values, and must not hold up the engine",
            Help = $"Do the work in a task and refer to its output. To raise the limit: {SettingNames.Raise(setting)}",
        },
        inner);

    public static ActivityException NotAnExpression(string expression, string problem) => new(
        "ORC5016", $"the expression {Shown(expression)} cannot be evaluated: {problem}", "definitions are checked when they are registered, so this one was changed since", "Register the pipeline again from its file.");

    private static string HelpFor(string expression) =>
        expression.Contains("run.logicalDate", StringComparison.Ordinal) || expression.Contains("run.interval", StringComparison.Ordinal)
            ? "A run that no schedule started is for no time unless it is given one: orc run FILE --logical-date 2026-03-01."
            : "Check what its parts are: orc show RUN lists the outputs of every task.";

    private static string Shown(string expression) => expression.Length <= 100 ? $"\"{expression}\"" : $"\"{expression[..97]}...\"";
}
