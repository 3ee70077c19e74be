using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Validation;

/// <summary>Checks limits, retries and caching: of a task and of the pipeline.</summary>
internal static class SettingChecks
{
    public static void Check(CheckContext context)
    {
        CheckPositive(context, "/timeout", context.Definition.Timeout, "the pipeline");
        CheckPositive(context, "/deadline/after", context.Definition.Deadline?.After, "the pipeline");
        CheckAtLeastOne(context, "/parallel", context.Definition.Parallel, "the pipeline");
    }

    public static void Check(CheckContext context, TaskDefinition task)
    {
        var path = CheckContext.PathOf(task);
        var subject = $"task \"{task.Name}\"";
        CheckPositive(context, $"{path}/timeout", task.Timeout, subject);
        CheckPositive(context, $"{path}/queueTimeout", task.QueueTimeout, subject);
        CheckPositive(context, $"{path}/heartbeat", task.Heartbeat, subject);
        CheckPositive(context, $"{path}/deadline/after", task.Deadline?.After, subject);
        CheckPositive(context, $"{path}/cache/expires", task.Cache?.Expires, subject);
        CheckAtLeastOne(context, $"{path}/map/parallel", task.Map?.Parallel, subject);
        CheckCacheEnvironment(context, $"{path}/cache/environment", task, subject);
        if (task.Limits is { } limits)
        {
            CheckBytes(context, $"{path}/limits/memory", limits.MemoryInBytes, TaskLimits.LeastMemory, long.MaxValue, subject);
            CheckBytes(context, $"{path}/limits/log", limits.LogInBytes, TaskLimits.LeastLog, TaskLimits.MostLog, subject);
            CheckBytes(context, $"{path}/limits/output", limits.OutputInBytes, TaskLimits.LeastOutput, TaskLimits.MostOutput, subject);
            CheckMemoryApplies(context, $"{path}/limits/memory", task, limits);
        }

        if (task.Retry is { } retry)
        {
            CheckRetry(context, $"{path}/retry", retry, subject);
            CheckRules(context, $"{path}/retry/on", retry, subject);
        }

        if (task.Map is not null && context.Catalog.Find(task.Uses) is { Kind: ActivityKind.Wait } && !context.IsBroken($"{path}/map"))
        {
            context.Add(DiagnosticCatalog.MappedWait.At(
                context.Map.ValueOf($"{path}/map"), "asks once for each item", $"{subject} uses {task.Uses} and is mapped", "Ask once in a task before, and map the task after it over the answer."));
        }
    }

    private static void CheckCacheEnvironment(CheckContext context, string path, TaskDefinition task, string subject)
    {
        var names = task.Cache?.Environment ?? [];
        for (var i = 0; i < names.Length; i++)
        {
            if (!SecretRef.IsName(names[i]))
            {
                context.Add(DiagnosticCatalog.BadSetting.At(
                    context.Map.ValueOf(SourceMap.Join(path, i)), "no name of a variable", $"\"{ParameterValues.Shorten(names[i])}\" in \"cache.environment\" of {subject} is not the name of a variable", "Use letters, digits and underscores, no digit first."));
            }
            else if (names[i].StartsWith("ORC_", StringComparison.Ordinal))
            {
                context.Add(DiagnosticCatalog.BadSetting.At(
                    context.Map.ValueOf(SourceMap.Join(path, i)),
                    "differs in each attempt, or is secret",
                    $"\"cache.environment\" of {subject} names {names[i]}",
                    "Leave it out: variables of orc itself say nothing about a result, and values of this list are stored and shown."));
            }
        }
    }

    private static void CheckRules(CheckContext context, string path, RetryPolicy retry, string subject)
    {
        for (var i = 0; i < retry.Rules.Length; i++)
        {
            var rule = retry.Rules[i];
            // Codes and rules are one list as it is written, and two in the definition: beside codes nobody knows a rule's place in the list.
            var place = retry.On.IsEmpty ? SourceMap.Join(path, i) : path;
            if (rule is { Code: null, Kind: null, Retryable: null } && !context.IsBroken(place))
            {
                context.Add(DiagnosticCatalog.RetryRuleWithoutCondition.At(
                    context.Map.ValueOf(place), "fits every failure", $"a retry rule of {subject} has no condition", "Add \"code\", \"kind\" or \"retryable\", or say it in the policy itself."));
            }

            if (rule.Attempts is < 0 or > 100 && !context.IsBroken($"{place}/attempts"))
            {
                context.Add(DiagnosticCatalog.BadSetting.At(
                    context.Map.ValueOf($"{place}/attempts"), "out of bounds", $"\"attempts\" of a retry rule of {subject} is {rule.Attempts} and should be from 0 to 100", "0 and 1 mean: no further attempt."));
            }
        }

        if (retry.Losses is < 0 or > 100)
        {
            context.Add(DiagnosticCatalog.BadSetting.At(context.Map.ValueOf(path), "out of bounds", $"\"losses\" of {subject} is {retry.Losses} and should be from 0 to 100", "0: an attempt that is lost is not tried again."));
        }
    }

    private static void CheckRetry(CheckContext context, string path, RetryPolicy retry, string subject)
    {
        if (retry.Attempts is < 1 or > 100 && !context.IsBroken($"{path}/attempts"))
        {
            context.Add(DiagnosticCatalog.BadAttempts.At(
                context.Map.ValueOf($"{path}/attempts"),
                "out of bounds",
                $"{subject} is tried {retry.Attempts} times and should be tried from 1 to 100 times",
                retry.Attempts == 0 ? "The first attempt counts too: 1 is no retry at all." : null));
        }

        if (retry.Delay > retry.Max && !context.IsBroken($"{path}/delay") && !context.IsBroken($"{path}/max"))
        {
            var given = context.Map.ValueOf($"{path}/delay") != context.Map.ValueOf(path);
            context.Add(DiagnosticCatalog.DelayAboveMax.At(
                context.Map.ValueOf(given ? $"{path}/delay" : $"{path}/max"),
                given ? "above the longest delay" : "below the first delay",
                $"{subject} waits {Durations.Format(retry.Delay)} before its second attempt, and at most {Durations.Format(retry.Max)} before any",
                $"Raise \"max\" to at least \"{Durations.Format(retry.Delay)}\", or lower \"delay\". Without them \"delay\" is {Durations.Format(RetryPolicy.None.Delay)} and \"max\" {Durations.Format(RetryPolicy.None.Max)}."));
        }
    }

    private static void CheckBytes(CheckContext context, string path, long? bytes, long least, long most, string subject)
    {
        if (bytes < least || bytes > most)
        {
            var bounds = most == long.MaxValue ? $"at least {Sizes.Format(least)}" : $"from {Sizes.Format(least)} to {Sizes.Format(most)}";
            context.Add(DiagnosticCatalog.BadSetting.At(
                context.Map.ValueOf(path), "out of bounds", $"\"{path[(path.LastIndexOf('/') + 1)..]}\" of {subject} is {Sizes.Format(bytes.Value)} and should be {bounds}", "Leave it out for the machine's own setting."));
        }
    }

    private static void CheckMemoryApplies(CheckContext context, string path, TaskDefinition task, TaskLimits limits)
    {
        if (limits.MemoryInBytes is not null && context.Catalog.Find(task.Uses) is { Lane: Lane.Inline })
        {
            context.Add(DiagnosticCatalog.BadSetting.At(
                context.Map.ValueOf(path),
                "no process of its own",
                $"\"memory\" of task \"{task.Name}\" limits {task.Uses}, which runs inside the engine",
                "Leave it out: the engine's memory cannot be told apart by task."));
        }
    }

    private static void CheckPositive(CheckContext context, string path, TimeSpan? duration, string subject)
    {
        if (duration is { Ticks: <= 0 })
        {
            context.Add(DiagnosticCatalog.BadSetting.At(
                context.Map.ValueOf(path), "no time at all", $"\"{path[(path.LastIndexOf('/') + 1)..]}\" of {subject} is {Durations.Format(duration.Value)} and should be longer", "Leave it out for no limit."));
        }
    }

    private static void CheckAtLeastOne(CheckContext context, string path, int? number, string subject)
    {
        if (number < 1)
        {
            context.Add(DiagnosticCatalog.BadSetting.At(context.Map.ValueOf(path), "out of bounds", $"\"parallel\" of {subject} is {number} and should be at least 1", "Leave it out for no limit."));
        }
    }
}
