using System.Reflection;

namespace Orchestrator.Core.Activities;

/// <summary>All activities that this program knows, by type.</summary>
/// <remarks>
/// Only the names are read when the catalog is made; a descriptor is made when somebody asks for it. A start of the program needs few of them, and reading all cost more than
/// everything else that checks a pipeline.
/// </remarks>
public sealed class ActivityCatalog
{
    private readonly Dictionary<string, Entry> byType = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Two activities have one type.</exception>
    public ActivityCatalog(IEnumerable<ActivityDescriptor> activities)
    {
        foreach (var activity in activities)
        {
            Add(activity.Type, new Entry(activity.ClassType, activity));
        }
    }

    private ActivityCatalog(IEnumerable<Type> classes)
    {
        foreach (var activity in classes)
        {
            Add(ActivityDescriptor.TypeNameOf(activity), new Entry(activity, Descriptor: null));
        }
    }

    /// <summary>In order of type.</summary>
    public IEnumerable<ActivityDescriptor> Activities => byType.Values.Select(DescriptorOf).OrderBy(activity => activity.Type, StringComparer.Ordinal);

    /// <summary>The names of all activities, in order.</summary>
    public IEnumerable<string> Types => byType.Keys.Order(StringComparer.Ordinal);

    /// <summary>The classes of all activities.</summary>
    public IEnumerable<Type> Classes => byType.Values.Select(entry => entry.Class);

    /// <summary>Every activity class of the given assemblies.</summary>
    /// <exception cref="ArgumentException">A class has no <see cref="ActivityAttribute"/>, or the type of another one.</exception>
    public static ActivityCatalog From(params IEnumerable<Assembly> assemblies) => new(ActivitiesAmong(assemblies.SelectMany(assembly => assembly.GetTypes())));

    /// <summary>Every public activity class of the given assemblies, which is all that scripts can name. What else there is, and the libraries it needs, is not even loaded.</summary>
    /// <inheritdoc cref="From"/>
    public static ActivityCatalog FromPublic(params IEnumerable<Assembly> assemblies) => new(ActivitiesAmong(assemblies.SelectMany(assembly => assembly.GetExportedTypes())));

    public ActivityDescriptor? Find(string type) => byType.TryGetValue(type, out var entry) ? DescriptorOf(entry) : null;

    /// <exception cref="ActivityException">Nobody knows the type (ORC5004).</exception>
    public ActivityDescriptor Get(string type) => Find(type)
        ?? throw new ActivityException("ORC5004", $"there is no activity \"{type}\" in this program", help: "Run with the version that wrote the definition, or install the extension that has it.");

    private static IEnumerable<Type> ActivitiesAmong(IEnumerable<Type> types) => types.Where(type => !type.IsAbstract && typeof(Activity).IsAssignableFrom(type));

    private static ActivityDescriptor DescriptorOf(Entry entry) => entry.Descriptor ?? ActivityDescriptor.Of(entry.Class);

    private void Add(string type, Entry entry)
    {
        if (!byType.TryAdd(type, entry))
        {
            throw new ArgumentException($"{byType[type].Class} and {entry.Class} are both the activity \"{type}\".");
        }
    }

    /// <summary>A class, and its descriptor when it is not the one that follows from the class.</summary>
    private sealed record Entry(Type Class, ActivityDescriptor? Descriptor);
}
