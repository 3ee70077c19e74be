using System.Collections.Frozen;
using System.Reflection;

namespace Orchestrator.Core.Activities;

/// <summary>All activities that this program knows, by type.</summary>
public sealed class ActivityCatalog
{
    private readonly FrozenDictionary<string, ActivityDescriptor> byType;

    public ActivityCatalog(IEnumerable<ActivityDescriptor> activities) =>
        byType = activities.ToFrozenDictionary(activity => activity.Type, StringComparer.Ordinal);

    /// <summary>In order of type.</summary>
    public IEnumerable<ActivityDescriptor> Activities => byType.Values.OrderBy(activity => activity.Type, StringComparer.Ordinal);

    /// <summary>Every activity class of the given assemblies.</summary>
    public static ActivityCatalog From(params IEnumerable<Assembly> assemblies) => new(assemblies
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => !type.IsAbstract && typeof(Activity).IsAssignableFrom(type))
        .Select(ActivityDescriptor.Of));

    public ActivityDescriptor? Find(string type) => byType.GetValueOrDefault(type);

    /// <exception cref="ActivityException">Nobody knows the type (ORC5004).</exception>
    public ActivityDescriptor Get(string type) => Find(type)
        ?? throw new ActivityException("ORC5004", $"there is no activity \"{type}\" in this program", help: "Run with the version that wrote the definition, or install the extension that has it.");
}
