using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Acornima.Ast;
using Jint;
using Jint.Native;
using Jint.Native.Json;
using Jint.Runtime;
using Jint.Runtime.Descriptors;
using Jint.Runtime.Interop;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Dsl.Expressions;

/// <summary>
/// Evaluates expressions: JavaScript in strict mode with limits on time, memory, steps, depth and list length, and no access to the host.
/// The same scope gives the same value. Safe to call from several threads.
/// </summary>
public sealed class ExpressionEvaluator(ExpressionLimits? limits = null)
{
    /// <summary>Compiled expressions are kept up to this number.</summary>
    private const int MostKept = 4096;

    private static readonly ConcurrentDictionary<string, Prepared<Script>> Kept = new(StringComparer.Ordinal);

    // What could make a text of any length in one step, before a limit is looked at.
    private static readonly Lazy<Prepared<Script>> Disarm = new(() => Engine.PrepareScript("delete String.prototype.repeat; delete String.prototype.padStart; delete String.prototype.padEnd; delete Math.random;"));

    private readonly ExpressionLimits limits = limits ?? ExpressionLimits.Default;

    /// <summary>The value of an expression. What JavaScript calls undefined is null.</summary>
    /// <exception cref="ActivityException">It reads something that is not there, throws, exceeds a limit or yields no JSON value (ORC5010 to ORC5016).</exception>
    public JsonElement Evaluate(string expression, ExpressionScope scope, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (ItemPath.TryRead(expression, scope, out var part))
        {
            return part;
        }

        var syntax = ExpressionSyntax.Parse(expression);
        if (syntax.Problems is [var problem, ..])
        {
            throw ExpressionErrors.NotAnExpression(expression, problem.Message);
        }

        return syntax.Plain is { } plain ? Read(expression, plain, scope) : EvaluateScript(syntax, scope, cancellation);
    }

    /// <summary>The value of a condition.</summary>
    /// <exception cref="ActivityException">As for <see cref="Evaluate"/>, and when the value is neither true nor false (ORC5014).</exception>
    public bool EvaluateCondition(string expression, ExpressionScope scope, CancellationToken cancellation = default) =>
        Evaluate(expression, scope, cancellation) switch
        {
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            var other => throw ExpressionErrors.NotUsable(expression, Shown(other), "true or false"),
        };

    /// <summary>The items that a mapped task repeats over.</summary>
    /// <exception cref="ActivityException">As for <see cref="Evaluate"/>, and when the value is no list (ORC5014).</exception>
    public IReadOnlyList<JsonElement> EvaluateList(string expression, ExpressionScope scope, CancellationToken cancellation = default) =>
        Evaluate(expression, scope, cancellation) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray()]
            : throw ExpressionErrors.NotUsable(expression, Shown(Evaluate(expression, scope, cancellation)), "a list");

    /// <summary>A plain reference needs no JavaScript, and keeps integers that a double would round.</summary>
    private static JsonElement Read(string expression, NameReference plain, ExpressionScope scope)
    {
        if (!plain.IsTask)
        {
            return scope.Params.TryGetValue(plain.Name, out var value) ? value : throw ExpressionErrors.ParameterWithoutValue(expression, plain.Name);
        }

        if (!scope.Tasks.TryGetValue(plain.Name, out var outputs))
        {
            throw ExpressionErrors.TaskWithoutOutputs(expression, plain.Name);
        }

        if (plain.Member is not { } member)
        {
            return Core.Values.OrcJson.ToElement(outputs);
        }

        return outputs.TryGetValue(member, out var output) ? output : throw ExpressionErrors.OutputNotSet(expression, plain.Name, member);
    }

    private JsonElement EvaluateScript(ExpressionSyntax syntax, ExpressionScope scope, CancellationToken cancellation)
    {
        var script = Prepare(syntax.Text);
        using var engine = new Engine(options => Configure(options, cancellation));
        try
        {
            engine.Execute(Disarm.Value);
            SetScope(engine, syntax, scope);
            return ToJson(engine, syntax.Text, engine.Evaluate(script));
        }
        catch (JavaScriptException wrong)
        {
            throw ExpressionErrors.Threw(syntax.Text, wrong.Message, wrong);
        }
        catch (Exception limit) when (LimitOf(limit) is { } which)
        {
            throw ExpressionErrors.LimitExceeded(syntax.Text, which.Limit, which.Setting, limit);
        }
        catch (ExecutionCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw;
        }
    }

    private static Prepared<Script> Prepare(string text)
    {
        if (Kept.TryGetValue(text, out var known))
        {
            return known;
        }

        // The parentheses make braces an object and not a block; the line end ends a comment.
        var made = Engine.PrepareScript($"({text}\n)", strict: true);
        if (Kept.Count < MostKept)
        {
            Kept.TryAdd(text, made);
        }

        return made;
    }

    private void Configure(Options options, CancellationToken cancellation)
    {
        options.Strict();
        options.DisableStringCompilation();
        options.Culture(CultureInfo.InvariantCulture);
        options.LocalTimeZone(TimeZoneInfo.Utc);
        options.TimeoutInterval(limits.Time);
        options.RegexTimeoutInterval(limits.Time);
        options.LimitMemory(limits.MemoryInBytes);
        options.MaxStatements(limits.Statements);
        options.LimitRecursion(limits.Recursion);
        options.MaxArraySize((uint)limits.ListLength);
        options.CancellationToken(cancellation);
    }

    private (string Limit, string Setting)? LimitOf(Exception limit) => limit switch
    {
        TimeoutException or RegexMatchTimeoutException => ($"{Core.Values.Durations.Format(limits.Time)} of time", SettingNames.ExpressionTime),
        // The library has one exception for both; only its text tells them apart.
        MemoryLimitExceededException when limit.Message.Contains("array size", StringComparison.Ordinal) =>
            (string.Create(CultureInfo.InvariantCulture, $"{limits.ListLength} items of a list"), SettingNames.ExpressionList),
        MemoryLimitExceededException => (string.Create(CultureInfo.InvariantCulture, $"{limits.MemoryInBytes / (1024 * 1024)} MiB of memory"), SettingNames.ExpressionMemory),
        StatementsCountOverflowException => (string.Create(CultureInfo.InvariantCulture, $"{limits.Statements} steps"), SettingNames.ExpressionSteps),
        RecursionDepthOverflowException or InsufficientExecutionStackException =>
            (string.Create(CultureInfo.InvariantCulture, $"{limits.Recursion} calls inside each other"), SettingNames.ExpressionCalls),
        _ => null,
    };

    private static void SetScope(Engine engine, ExpressionSyntax syntax, ExpressionScope scope)
    {
        var json = new JsonParser(engine);
        engine.SetValue("tasks", TasksOf(engine, json, syntax, scope));
        engine.SetValue("params", ParamsOf(engine, json, syntax, scope));
        if (scope.Run.ValueKind == JsonValueKind.Object)
        {
            engine.SetValue("run", json.Parse(scope.Run.GetRawText()));
        }

        if (scope.Item is { } item)
        {
            engine.SetValue("item", json.Parse(item.GetRawText()));
        }

        if (scope.Index is { } index)
        {
            engine.SetValue("index", index);
        }
    }

    /// <summary>Only what the expression names is converted. What it names and is not there says so when it is read, unless the expression has an answer to that.</summary>
    private static JsObject TasksOf(Engine engine, JsonParser json, ExpressionSyntax syntax, ExpressionScope scope)
    {
        var tasks = new JsObject(engine);
        foreach (var group in syntax.References.Where(reference => reference.IsTask).GroupBy(reference => reference.Name))
        {
            if (!scope.Tasks.TryGetValue(group.Key, out var outputs))
            {
                if (group.Any(reference => !reference.Optional))
                {
                    Fail(engine, tasks, group.Key, ExpressionErrors.TaskWithoutOutputs(syntax.Text, group.Key));
                }

                continue;
            }

            var task = new JsObject(engine);
            foreach (var (name, value) in outputs.Where(pair => group.Any(reference => reference.Member is null || reference.Member == pair.Key)))
            {
                task.FastSetDataProperty(name, json.Parse(value.GetRawText()));
            }

            foreach (var missing in group.Where(reference => !reference.Optional).Select(reference => reference.Member).OfType<string>().Where(member => !outputs.ContainsKey(member)).Distinct())
            {
                Fail(engine, task, missing, ExpressionErrors.OutputNotSet(syntax.Text, group.Key, missing));
            }

            tasks.FastSetDataProperty(group.Key, task);
        }

        return tasks;
    }

    private static JsObject ParamsOf(Engine engine, JsonParser json, ExpressionSyntax syntax, ExpressionScope scope)
    {
        var parameters = new JsObject(engine);
        foreach (var name in syntax.References.Where(reference => !reference.IsTask).Select(reference => reference.Name).Distinct())
        {
            if (scope.Params.TryGetValue(name, out var value))
            {
                parameters.FastSetDataProperty(name, json.Parse(value.GetRawText()));
            }
            else
            {
                Fail(engine, parameters, name, ExpressionErrors.ParameterWithoutValue(syntax.Text, name));
            }
        }

        return parameters;
    }

    private static void Fail(Engine engine, JsObject of, string name, ActivityException error) =>
        of.FastSetProperty(name, new GetSetPropertyDescriptor(new ClrFunction(engine, name, (_, _) => throw error), JsValue.Undefined, enumerable: true, configurable: false));

    private static JsonElement ToJson(Engine engine, string expression, JsValue value)
    {
        if (value.IsUndefined() || value.IsNull())
        {
            return JsonElement.Parse("null");
        }

        if (value.IsNumber() && !double.IsFinite(value.AsNumber()))
        {
            throw ExpressionErrors.NotUsable(expression, value.ToString(), "a number");
        }

        var text = new Jint.Native.Json.JsonSerializer(engine).Serialize(value);
        return text.IsString() ? JsonElement.Parse(text.AsString()) : throw ExpressionErrors.NotUsable(expression, "a function", "a value");
    }

    private static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 60 ? text : $"{text[..57]}...";
    }
}
