using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Runs;

/// <content>Mapped tasks: issuing items, and gathering what they leave.</content>
internal sealed partial class RunTurn
{
    private void Issue(IssueItems issue, Mapping mapping)
    {
        var key = new TaskKey(issue.Question.Task);
        if (mapping.Complete || mapping.Stopping || issue.Question.Issued != mapping.Items.Count)
        {
            return;
        }

        if (issue is { Items.IsEmpty: true, Complete: false } && issue.Question.Ended == mapping.Ended && mapping.Ended == mapping.Items.Count)
        {
            Emit(new TaskFailed
            {
                At = now,
                Task = Name(key),
                Failure = new Failure
                {
                    Code = "ORC5221",
                    Kind = FailureKind.Unexpected,
                    Message = $"activity {mapping.Work.Uses} issues no further item and does not say that it is complete",
                    Why = "with nothing under way, the run would wait for ever",
                    Help = "This is a mistake in the activity's Expand.",
                },
            });
            return;
        }

        // Asked again with nothing new to say: nothing happened.
        if (issue is { Items.IsEmpty: true, Complete: false })
        {
            return;
        }

        Emit(new TaskExpanded { At = now, Task = Name(key), Items = issue.Items, Complete = issue.Complete });
        foreach (var (place, earlier) in issue.Reused)
        {
            Emit(new TaskReused { At = now, Task = Name(key), Item = issue.Question.Issued + place, From = earlier.From, Outputs = earlier.Outputs });
        }

        foreach (var (place, reason) in issue.Skipped)
        {
            Emit(new TaskSkipped { At = now, Task = Name(key), Item = issue.Question.Issued + place, Reason = reason });
        }

        FinishMapping(key.Task);
    }

    /// <summary>Ends a mapped task, or queues its reduce, once all its items have ended.</summary>
    private void FinishMapping(int task)
    {
        var key = new TaskKey(task);
        if (State.Tasks[task] is not Mapping mapping || mapping.Ended < mapping.Items.Count || !(mapping.Complete || mapping.Stopping))
        {
            return;
        }

        if (mapping.Stop is { } order)
        {
            End(key, order);
        }
        else if (mapping.Work.Spread == Spread.Activity)
        {
            Emit(new TaskReduceReady { At = now, Task = Name(key) });
        }
        else
        {
            Collect(key, mapping);
        }
    }

    private void Collect(TaskKey key, Mapping mapping)
    {
        var ends = Enumerable.Range(0, mapping.Items.Count).Select(index => (Index: index, End: (Ended)State.Items[key with { Item = index }])).ToArray();
        var failed = ends.Where(item => item.End.Outcome is not (TaskOutcome.Succeeded or TaskOutcome.Skipped)).ToArray();
        if (failed is [var first, ..])
        {
            var failure = first.End.Failure ?? new Failure { Code = "ORC5222", Kind = FailureKind.Work, Message = "the item was cancelled" };
            Emit(new TaskFailed
            {
                At = now,
                Task = Name(key),
                Failure = failure with { Message = $"{failed.Length} of {ends.Length} items failed; first item {first.Index}: {failure.Message}" },
            });
            return;
        }

        if (ends is [var head, ..] && ends.All(item => item.End.Outcome == TaskOutcome.Skipped))
        {
            Emit(new TaskSkipped { At = now, Task = Name(key), Reason = $"all {ends.Length} items were skipped; the first: {head.End.Reason}" });
            return;
        }

        // Without items there is nobody to ask for names; the list of what none has left is empty and not absent.
        var names = ends.Length == 0 ? mapping.Work.Yields ?? [] : ends.SelectMany(item => item.End.Outputs.Keys).Distinct(StringComparer.Ordinal);
        Emit(new TaskCollected
        {
            At = now,
            Task = Name(key),
            Outputs = names.ToImmutableDictionary(
                name => name,
                name => OrcJson.ToElement(ends.Select(item => item.End.Outputs.TryGetValue(name, out var value) ? value : OrcJson.ToElement<object?>(null)))),
        });
    }
}
