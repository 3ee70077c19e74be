using Orchestrator.Core.Activities;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>A task of the pipeline: by the activity that Add answered, or by name.</summary>
public readonly record struct TaskReference
{
    private TaskReference(Activity? activity, string? name)
    {
        Activity = activity;
        GivenName = name;
    }

    internal Activity? Activity { get; }

    /// <summary>The task's name; null for an activity that is no task.</summary>
    internal string? Name => GivenName ?? (Activity?.Authoring as TaskNotes)?.Name;

    private string? GivenName { get; }

    public static implicit operator TaskReference(Activity activity) => new(activity, null);

    public static implicit operator TaskReference(string name) => new(null, name);
}
