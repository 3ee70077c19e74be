namespace Orchestrator.Core.Activities;

/// <summary>The one way into an activity's protected members, for lanes and test environments.</summary>
public static class ActivityRunner
{
    public static Task ExecuteAsync(Activity activity, ActivityContext context) => activity.ExecuteAsync(context);

    public static Task<string?> FingerprintAsync(Activity activity, FingerprintContext context) => activity.FingerprintAsync(context);

    public static Runs.Question Ask(QuestionActivity activity, DateTimeOffset now) => activity.Ask(now);

    public static Expansion Expand(MappedActivity activity, ExpansionContext context) => activity.Expand(context);
}
