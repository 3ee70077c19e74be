using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Activities;

/// <summary>What an activity is, read from its class: the designer's palette, the schema of <c>with</c> and the engine's instructions.</summary>
public sealed partial class ActivityDescriptor
{
    private static readonly ConcurrentDictionary<Type, ActivityDescriptor> Known = new();

    private readonly Dictionary<string, (InputDescriptor Descriptor, PropertyInfo Property)> inputs;
    private readonly Dictionary<string, (OutputDescriptor Descriptor, PropertyInfo Property)> outputs;

    private ActivityDescriptor(Type type)
    {
        var about = AboutOf(type);
        ClassType = type;
        Type = about.Type;
        Version = about.Version;
        Title = about.Title;
        Summary = about.Summary;
        Kind = about.Kind;
        Lane = about.Lane;
        var sample = (Activity)Activator.CreateInstance(type)!;
        var nullability = new NullabilityInfoContext();
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        inputs = properties.Where(p => typeof(Input).IsAssignableFrom(p.PropertyType))
            .ToDictionary(p => NameOf(p), p => (InputDescriptor.Of(p, sample, nullability), p), StringComparer.Ordinal);
        outputs = properties.Where(p => typeof(Output).IsAssignableFrom(p.PropertyType))
            .ToDictionary(p => NameOf(p), p => (OutputDescriptor.Of(p, nullability), p), StringComparer.Ordinal);
    }

    private ActivityDescriptor(ActivityDescriptor contract)
    {
        IsStandIn = true;
        inputs = contract.inputs;
        outputs = contract.outputs;
        ClassType = contract.ClassType;
        Type = contract.Type;
        Version = contract.Version;
        Title = contract.Title;
        Summary = contract.Summary;
        Kind = ActivityKind.Effect;
        Lane = contract.Lane;
    }

    public Type ClassType { get; }

    /// <summary>True: this is only the contract, and a test does the work.</summary>
    public bool IsStandIn { get; }

    /// <summary>True: each execution is spread into items that the activity issues.</summary>
    public bool SpreadsItself => !IsStandIn && typeof(MappedActivity).IsAssignableFrom(ClassType);

    /// <summary>The name that <c>uses</c> refers to: <c>data.validate</c>.</summary>
    public string Type { get; }

    /// <summary>The part of <see cref="Type"/> before the dot; the designer's palette groups by it.</summary>
    public string Category => Type.Split('.')[0];

    public int Version { get; }

    public string Title { get; }

    public string Summary { get; }

    public ActivityKind Kind { get; }

    public Lane Lane { get; }

    /// <summary>True: an earlier result with the same key may stand in.</summary>
    public bool Cacheable => Kind is ActivityKind.Action or ActivityKind.Mapped;

    public IEnumerable<InputDescriptor> Inputs => inputs.Values.Select(pair => pair.Descriptor);

    public IEnumerable<OutputDescriptor> Outputs => outputs.Values.Select(pair => pair.Descriptor);

    /// <summary>The ways out that a designer draws.</summary>
    public ImmutableArray<string> Ports { get; } = ["success", "failure"];

    public static ActivityDescriptor Of(Type activity) => Known.GetOrAdd(activity, type => new ActivityDescriptor(type));

    /// <summary>The name that <c>uses</c> refers to, without making a descriptor.</summary>
    internal static string TypeNameOf(Type activity) => AboutOf(activity).Type;

    /// <summary>The same contract for work that a test does instead: no earlier result stands in for it, and it does not spread into items.</summary>
    internal ActivityDescriptor ForStandIn() => new(this);

    public InputDescriptor? FindInput(string name) => inputs.TryGetValue(name, out var found) ? found.Descriptor : null;

    public OutputDescriptor? FindOutput(string name) => outputs.TryGetValue(name, out var found) ? found.Descriptor : null;

    /// <summary>An instance whose outputs know their names.</summary>
    public Activity Create() => Named((Activity)Activator.CreateInstance(ClassType)!, task: null);

    /// <summary>Makes the outputs of an instance refer to a task.</summary>
    public Activity Named(Activity activity, Values.TaskName? task)
    {
        foreach (var (name, (_, property)) in outputs)
        {
            var output = (Output)property.GetValue(activity)!;
            output.Name = name;
            output.Task = task;
        }

        return activity;
    }

    /// <summary>The bindings an instance was written with, without those that only repeat the default.</summary>
    public IReadOnlyDictionary<string, JsonElement> ReadBindings(Activity activity)
    {
        var bindings = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, (descriptor, property)) in inputs)
        {
            if (((Input?)property.GetValue(activity))?.Binding is { } binding
                && !(descriptor.Default is { } usual && JsonElement.DeepEquals(usual, binding)))
            {
                bindings.Add(name, binding);
            }
        }

        return bindings;
    }

    /// <summary>Puts resolved values into an instance.</summary>
    /// <exception cref="ActivityException">A value is not of the input's type (ORC5001), a required one is missing (ORC5002), or the activity has no such input (ORC5003).</exception>
    public void Bind(Activity activity, IReadOnlyDictionary<string, JsonElement> values)
    {
        foreach (var (name, value) in values)
        {
            if (!inputs.TryGetValue(name, out var input))
            {
                throw new ActivityException("ORC5003", $"activity {Type} has no input \"{name}\"", help: $"Its inputs are {string.Join(", ", inputs.Keys)}.");
            }

            if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            {
                if (input.Descriptor.Required)
                {
                    throw Missing(name);
                }

                if (!input.Descriptor.HasDefault)
                {
                    input.Property.SetValue(activity, null);
                }

                continue;
            }

            BindOne(activity, input.Descriptor, input.Property, value);
        }

        if (inputs.Values.FirstOrDefault(i => i.Descriptor.Required && !values.ContainsKey(i.Descriptor.Name)) is { Descriptor: { } missing })
        {
            throw Missing(missing.Name);
        }
    }

    private static ActivityAttribute AboutOf(Type activity) => activity.GetCustomAttribute<ActivityAttribute>()
        ?? throw new ArgumentException($"{activity} has no [Activity].", nameof(activity));

    private ActivityException Missing(string name) =>
        new("ORC5002", $"activity {Type} needs the input \"{name}\" and got nothing", help: "Give a value, or check that the expression behind it yields one.");

    private void BindOne(Activity activity, InputDescriptor descriptor, PropertyInfo property, JsonElement value)
    {
        try
        {
            var input = (Input?)property.GetValue(activity) ?? descriptor.CreateEmpty();
            input.Bind(value);
            property.SetValue(activity, input);
        }
        catch (JsonException wrong)
        {
            throw new ActivityException(
                new Failure
                {
                    Code = "ORC5001",
                    Kind = FailureKind.Work,
                    Message = $"input \"{descriptor.Name}\" of {Type} should be {descriptor.TypeName} and is {Shorten(value.GetRawText())}",
                    Why = wrong.Message,
                },
                wrong);
        }
    }

    private static string Shorten(string text) => text.Length <= 120 ? text : text[..117] + "...";

    private static string NameOf(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    internal static string TitleOf(string property)
    {
        var words = WordStart().Replace(property, " ").ToLowerInvariant();
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}
