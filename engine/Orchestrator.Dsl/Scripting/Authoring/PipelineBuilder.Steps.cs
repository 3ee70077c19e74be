using System.Runtime.CompilerServices;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <content>Steps written in place.</content>
public sealed partial class PipelineBuilder
{
    /// <summary>
    /// A task whose work stands in the script: <c>churn.Step("tell", async ctx => ctx.Log($"champion is now {ctx.Output(sweep.Best)}"))</c>.
    /// The outputs and parameters that the code reads through its context are found by themselves and are dependencies.
    /// </summary>
    /// <param name="name">The name rule is <see cref="Core.Values.TaskName.Rule"/>.</param>
    /// <param name="body">Runs in a worker process, where the script is evaluated again; what it captures has the values of that evaluation.</param>
    /// <param name="reads">Outputs and parameters that the code reads, where they cannot be found by themselves.</param>
    /// <param name="bodyText">Leave out: the compiler fills it in.</param>
    /// <param name="line">Leave out: the compiler fills it in.</param>
    public ScriptStep Step(
        string name, Func<StepContext, Task> body, IReadOnlyList<Expr>? reads = null, [CallerArgumentExpression(nameof(body))] string bodyText = "", [CallerLineNumber] int line = 0) =>
        AddStep(name, new ScriptStep(body), body, reads, bodyText, line);

    /// <inheritdoc cref="Step(string, Func{StepContext, Task}, IReadOnlyList{Expr}?, string, int)"/>
    public ScriptStep Step(
        string name, Action<StepContext> body, IReadOnlyList<Expr>? reads = null, [CallerArgumentExpression(nameof(body))] string bodyText = "", [CallerLineNumber] int line = 0) =>
        AddStep(name, new ScriptStep(context => Run(body, context)), body, reads, bodyText, line);

    /// <summary>A step that yields a value: <c>var count = churn.Step("count", ctx => 1 + ctx.Output(split.Rows)); … count.Result</c>.</summary>
    /// <inheritdoc cref="Step(string, Func{StepContext, Task}, IReadOnlyList{Expr}?, string, int)"/>
    public ScriptStep<T> Step<T>(
        string name, Func<StepContext, Task<T>> body, IReadOnlyList<Expr>? reads = null, [CallerArgumentExpression(nameof(body))] string bodyText = "", [CallerLineNumber] int line = 0) =>
        AddStep(name, new ScriptStep<T>(body), body, reads, bodyText, line);

    /// <inheritdoc cref="Step{T}(string, Func{StepContext, Task{T}}, IReadOnlyList{Expr}?, string, int)"/>
    public ScriptStep<T> Step<T>(
        string name, Func<StepContext, T> body, IReadOnlyList<Expr>? reads = null, [CallerArgumentExpression(nameof(body))] string bodyText = "", [CallerLineNumber] int line = 0) =>
        AddStep(name, new ScriptStep<T>(context => Task.FromResult(body(context))), body, reads, bodyText, line);

    private static Task Run(Action<StepContext> body, StepContext context)
    {
        body(context);
        return Task.CompletedTask;
    }

    private T AddStep<T>(string name, T step, Delegate body, IReadOnlyList<Expr>? reads, string bodyText, int line) where T : StepActivity
    {
        step.Body = body;
        step.BodyText = bodyText;
        step.Reads = reads;
        Add(step, name, new CallPlace(nameof(Step), line, name));
        return step;
    }
}
