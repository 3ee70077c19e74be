using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <content>What people ask for: answers, marks, cancelling.</content>
internal sealed partial class RunTurn
{
    private string? Answer(AnswerTask answer) => WithOpen(answer.Task, task =>
    {
        if (State.Tasks[task] is not Suspended suspended)
        {
            return $"task \"{answer.Task}\" asks nothing: it is {State.Tasks[task].Word}";
        }

        var refusal = RefuseAnswer(suspended.Question, answer, State.DueAt(new TaskKey(task), TimerKind.Answer));
        if (refusal is null)
        {
            Conclude(suspended.Question, answer);
        }

        return refusal;
    });

    private static string? RefuseAnswer(Question question, AnswerTask answer, DateTimeOffset? deadline)
    {
        if (!question.Approvers.IsEmpty && !question.Approvers.Contains(answer.By))
        {
            return $"{answer.By} may not answer task \"{answer.Task}\"; {string.Join(", ", question.Approvers)} may";
        }

        if (deadline is { } late && answer.Given >= late)
        {
            return $"the answer to task \"{answer.Task}\" came too late: its deadline was {late:u}";
        }

        if (!answer.Approved || question.Schema is not { } schema)
        {
            return null;
        }

        var problems = FormSchema.Check(schema, answer.Answer ?? JsonElement.Parse("{}")).Take(5).ToArray();
        return problems.Length == 0 ? null : $"the answer to task \"{answer.Task}\" does not fit its form: {string.Join("; ", problems)}";
    }

    private void Conclude(Question question, AnswerTask answer)
    {
        if (!answer.Approved && question.OnReject == RejectedAction.Fail)
        {
            Emit(new TaskRejected
            {
                At = now, Task = answer.Task, By = answer.By, Via = answer.Via, Comment = answer.Comment, Answer = answer.Answer, Failure = RunFailures.Rejected(answer.By, answer.Comment),
            });
            return;
        }

        var outputs = ImmutableDictionary.CreateBuilder<string, JsonElement>(StringComparer.Ordinal);
        outputs["approved"] = OrcJson.ToElement(answer.Approved);
        outputs["by"] = OrcJson.ToElement(answer.By);
        if (answer.Answer is { } given)
        {
            outputs["answer"] = given;
        }

        if (answer.Comment is { } comment)
        {
            outputs["comment"] = OrcJson.ToElement(comment);
        }

        Emit(new TaskAnswered
        {
            At = now, Task = answer.Task, By = answer.By, Via = answer.Via, Approved = answer.Approved, Comment = answer.Comment, Outputs = outputs.ToImmutable(),
        });
    }

    private string? Mark(MarkTask mark) => WithOpen(mark.Task, task =>
    {
        // What is under way is fenced off by the end of the task: its late result is refused, and the shell stops it.
        MarkMembers(task, mark);
        var mapping = State.Tasks[task] as Mapping;
        Emit(new TaskMarked { At = now, Task = mark.Task, As = mark.As, By = mark.By, Reason = mark.Reason, Outputs = mark.Outputs });
        DropItems(task, mapping);
        return null;
    });

    private string? Cancel(CancelRun cancel)
    {
        var again = State.Status == RunStatus.Cancelling;
        Emit(new RunCancelRequested { At = now, By = cancel.By, Reason = cancel.Reason, Terminate = cancel.Terminate });
        var order = new StopOrder($"the run was cancelled by {cancel.By}{(cancel.Reason is null ? "" : $": {cancel.Reason}")}");
        foreach (var node in State.Graph.Nodes)
        {
            // A run that was never let in has nothing to clean up.
            if ((again || cancel.Terminate || State.Queued is not null || !node.OnExit) && State.Tasks[node.Index] is not Ended)
            {
                Stop(node.Index, order);
            }
        }

        return null;
    }

    private string? Cancel(CancelTask cancel)
    {
        var order = new StopOrder($"cancelled by {cancel.By}{(cancel.Reason is null ? "" : $": {cancel.Reason}")}");
        if (!cancel.Branch)
        {
            return WithOpen(cancel.Task, task =>
            {
                StopMembers(task, order);
                return null;
            });
        }

        if (!State.Graph.Contains(cancel.Task))
        {
            return $"there is no task \"{cancel.Task}\"";
        }

        var open = Branch(State.Graph[cancel.Task].Index).Where(task => State.Tasks[task] is not Ended).ToArray();
        foreach (var task in open)
        {
            Stop(task, order);
        }

        return open.Length == 0 ? $"task \"{cancel.Task}\" and all after it have ended" : null;
    }

    /// <summary>A task and all that come after it, without those on exit: they clean up after whatever happened.</summary>
    private IEnumerable<int> Branch(int task)
    {
        var seen = new HashSet<int> { State.Graph.Nodes[task].Begin ?? task };
        var next = new Queue<int>(seen);
        while (next.TryDequeue(out var one))
        {
            yield return one;
            foreach (var after in State.Graph.After(one))
            {
                if (!State.Graph.Nodes[after].OnExit && seen.Add(after))
                {
                    next.Enqueue(after);
                }
            }
        }
    }
}
