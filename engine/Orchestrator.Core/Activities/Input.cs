using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Activities;

/// <summary>One input of an activity: while a pipeline is written it holds the JSON of a binding; while an attempt runs it holds the value.</summary>
public abstract class Input
{
    // A boxed JsonElement, so that two threads may ask for it at once: the inputs behind descriptors are shared.
    private object? binding;

    /// <summary>An input whose binding is made when somebody asks for it.</summary>
    private protected Input()
    {
    }

    private protected Input(JsonElement binding) => this.binding = binding;

    /// <summary>
    /// What stands in <c>with</c>: a literal, or text with <c>${ … }</c>. Null once the input is bound to a value only.
    /// A literal text that contains <c>${</c> is written <c>$${</c>.
    /// </summary>
    public JsonElement? Binding => (binding ??= MakeBinding()) as JsonElement?;

    /// <summary>Puts in the resolved value before an attempt runs.</summary>
    /// <exception cref="JsonException">The element is not of the input's type.</exception>
    public abstract void Bind(JsonElement resolved);

    private protected abstract JsonElement? MakeBinding();
}

/// <summary>An input of type <typeparamref name="T"/>. Converts from a <typeparamref name="T"/>, a parameter, another task's output and an expression.</summary>
public class Input<T> : Input
{
    private T? value;
    private bool bound;
    private bool isLiteral;

    /// <summary>An input that holds a literal. Its JSON is made when it is asked for: most defaults of most activities never are.</summary>
    public Input(T literal)
    {
        value = literal;
        bound = true;
        isLiteral = true;
    }

    /// <summary>An input that is computed when the task runs.</summary>
    public Input(Expr expression) : base(OrcJson.ToElement(Templates.Whole(expression.Text)))
    {
    }

    /// <summary>An input whose text is put together when the task runs.</summary>
    public Input(TextTemplate template) : base(OrcJson.ToElement(template.Text))
    {
    }

    /// <summary>A binding that is not written as the value's own JSON.</summary>
    /// <param name="literal">The value, when it is known already.</param>
    /// <param name="binding">What stands in <c>with</c>; nothing in it is escaped again.</param>
    /// <param name="known">False: the value comes with <see cref="Bind"/>.</param>
    private protected Input(T? literal, JsonElement binding, bool known = true) : base(binding)
    {
        value = literal;
        bound = known;
    }

    /// <summary>The value. Only inside an attempt, or for a literal.</summary>
    /// <exception cref="InvalidOperationException">The input is an expression and no attempt is running.</exception>
    public T Value => bound ? value! : throw new InvalidOperationException("This input is known only when its task runs.");

    public override void Bind(JsonElement resolved)
    {
        value = resolved.Deserialize<T>(OrcJson.Options);
        bound = true;
        isLiteral = false;
    }

    private protected override JsonElement? MakeBinding() => isLiteral ? Templates.Escape(OrcJson.ToElement(value)) : null;

    public static implicit operator Input<T>(T literal) => new(literal);

    public static implicit operator Input<T>(Output<T> output) => new((Expr)output);

    public static implicit operator Input<T>(Param<T> parameter) => new((Expr)parameter);

    public static implicit operator Input<T>(Expr expression) => new(expression);

    public static implicit operator Input<T>(TextTemplate template) => new(template);
}

/// <summary>An input whose value people may also write as text with a scheme: <c>Baseline = "models:/churn@champion"</c>. It is resolved before the attempt.</summary>
public sealed class ReferenceInput<T> : Input<T> where T : INamedReference
{
    public ReferenceInput(T literal) : base(literal)
    {
    }

    public ReferenceInput(Expr expression) : base(expression)
    {
    }

    private ReferenceInput(string reference) : base(default, Templates.Escape(OrcJson.ToElement(reference)), known: false)
    {
    }

    public static implicit operator ReferenceInput<T>(T literal) => new(literal);

    public static implicit operator ReferenceInput<T>(string reference) => new(reference);

    public static implicit operator ReferenceInput<T>(Output<T> output) => new((Expr)output);

    public static implicit operator ReferenceInput<T>(Param<T> parameter) => new((Expr)parameter);

    public static implicit operator ReferenceInput<T>(Param<string> parameter) => new((Expr)parameter);

    public static implicit operator ReferenceInput<T>(Expr expression) => new(expression);
}

/// <summary>An input that is a list and may be written as a collection expression: <c>Columns = ["a", "b"]</c>.</summary>
[CollectionBuilder(typeof(InputList), nameof(InputList.Create))]
public sealed class InputList<T> : Input<IReadOnlyList<T>>, IEnumerable<T>
{
    public InputList(IReadOnlyList<T> literal) : base(literal)
    {
    }

    public InputList(Expr expression) : base(expression)
    {
    }

    public IEnumerator<T> GetEnumerator() => Value.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public static implicit operator InputList<T>(T[] literal) => new(literal);

    public static implicit operator InputList<T>(List<T> literal) => new(literal);

    public static implicit operator InputList<T>(Output<IReadOnlyList<T>> output) => new((Expr)output);

    public static implicit operator InputList<T>(Param<IReadOnlyList<T>> parameter) => new((Expr)parameter);

    public static implicit operator InputList<T>(Expr expression) => new(expression);
}

/// <summary>Builds an <see cref="InputList{T}"/> from a collection expression.</summary>
public static class InputList
{
    public static InputList<T> Create<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}

/// <summary>An input that is itself an activity with its inputs: what a sweep tries, what a map repeats.</summary>
public sealed class ActivityInput : Input<ActivityTemplate>
{
    public ActivityInput(ActivityTemplate template) : base(template, OrcJson.ToElement(template))
    {
    }

    public static implicit operator ActivityInput(Activity activity) => new(ActivityTemplate.Of(activity));
}

/// <summary>An activity and its inputs as data: <c>{ "uses": "train.classifier", "with": { … } }</c>.</summary>
public sealed record ActivityTemplate
{
    public required string Uses { get; init; }

    public IReadOnlyDictionary<string, JsonElement> With { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The template of an activity as a script wrote it.</summary>
    public static ActivityTemplate Of(Activity activity)
    {
        var descriptor = ActivityDescriptor.Of(activity.GetType());
        return new ActivityTemplate { Uses = descriptor.Type, With = descriptor.ReadBindings(activity) };
    }
}
