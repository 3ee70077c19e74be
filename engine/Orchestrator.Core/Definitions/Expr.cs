using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Definitions;

/// <summary>An expression as text: JavaScript over <c>tasks</c>, <c>params</c>, <c>run</c> and, in a mapped task, <c>item</c> and <c>index</c>. Scripts build it with operators; JSON writes it down.</summary>
public class Expr
{
    private readonly string? text;

    public Expr(string text) => this.text = text;

    private protected Expr() => text = null;

    /// <summary>The JavaScript.</summary>
    public virtual string Text => text ?? throw new InvalidOperationException("An expression without text.");

    public Expr Is(Expr other) => Binary(this, "===", other);

    public Expr IsNot(Expr other) => Binary(this, "!==", other);

    public override string ToString() => Text;

    public static Expr operator >(Expr left, Expr right) => Binary(left, ">", right);

    public static Expr operator <(Expr left, Expr right) => Binary(left, "<", right);

    public static Expr operator >=(Expr left, Expr right) => Binary(left, ">=", right);

    public static Expr operator <=(Expr left, Expr right) => Binary(left, "<=", right);

    public static Expr operator &(Expr left, Expr right) => Binary(left, "&&", right);

    public static Expr operator |(Expr left, Expr right) => Binary(left, "||", right);

    public static Expr operator +(Expr left, Expr right) => Binary(left, "+", right);

    public static Expr operator -(Expr left, Expr right) => Binary(left, "-", right);

    public static Expr operator *(Expr left, Expr right) => Binary(left, "*", right);

    public static Expr operator /(Expr left, Expr right) => Binary(left, "/", right);

    public static Expr operator !(Expr operand) => new($"!{Operand(operand, Precedence.Unary)}") { Level = Precedence.Unary };

    public static implicit operator Expr(double number) => new(number.ToString("R", CultureInfo.InvariantCulture));

    public static implicit operator Expr(bool truth) => new(truth ? "true" : "false");

    public static implicit operator Expr(string literal) => new(JsonSerializer.Serialize(literal, OrcJson.Options));

    private Precedence Level { get; init; } = Precedence.Primary;

    private static Expr Binary(Expr left, string symbol, Expr right)
    {
        var level = symbol switch
        {
            "||" => Precedence.Or,
            "&&" => Precedence.And,
            "===" or "!==" => Precedence.Equality,
            "<" or ">" or "<=" or ">=" => Precedence.Comparison,
            "+" or "-" => Precedence.Sum,
            "*" or "/" => Precedence.Product,
            _ => throw new ArgumentOutOfRangeException(nameof(symbol), symbol, "not an operator of expressions"),
        };
        // The right side of a left-associative operator needs parentheses on its own level too: a - (b - c).
        return new Expr($"{Operand(left, level)} {symbol} {Operand(right, level + 1)}") { Level = level };
    }

    private static string Operand(Expr operand, Precedence needed) => operand.Level < needed ? $"({operand.Text})" : operand.Text;

    private enum Precedence
    {
        Or = 1,
        And,
        Equality,
        Comparison,
        Sum,
        Product,
        Unary,
        Primary,
    }
}

/// <summary>A run parameter, for use in a script's expressions and inputs.</summary>
public sealed class Param<T>(string name) : Expr(References.Parameter(name))
{
    public string Name { get; } = name;
}

/// <summary>An output of a task. What refers to it depends on the task.</summary>
public abstract class Output : Expr
{
    private protected Output()
    {
    }

    /// <summary>The name in JSON, in camelCase. Null until the activity that declares the output was created by its descriptor or added to a pipeline.</summary>
    public string? Name { get; internal set; }

    /// <summary>The task that yields it. Null while the activity is in no pipeline.</summary>
    public TaskName? Task { get; internal set; }

    public override string Text => Task is { } task && Name is { } name
        ? References.Output(task, name)
        : throw new OutputUnknownException();
}

/// <summary>An output was referred to before its activity was in a pipeline, so nothing says whose output it is.</summary>
public sealed class OutputUnknownException() : InvalidOperationException("An output can be used after its activity was added to a pipeline with Add.");

/// <summary>An output of type <typeparamref name="T"/>.</summary>
public sealed class Output<T> : Output;

/// <summary>How expressions spell what they refer to.</summary>
public static class References
{
    public static string Parameter(string name) => Member("params", name);

    public static string Output(TaskName task, string output) => Member(Member("tasks", task.Value), output);

    private static string Member(string of, string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(name[0])
            ? $"{of}.{name}"
            : $"{of}[{JsonSerializer.Serialize(name, OrcJson.Options)}]";
}
