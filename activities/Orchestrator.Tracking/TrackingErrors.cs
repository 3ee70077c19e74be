using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Tracking;

/// <summary>Every message of this family: ORC5500 to ORC5549.</summary>
internal static class TrackingErrors
{
    public static ActivityException BadModelReference(string reference) => new(
        "ORC5501",
        $"\"{reference}\" is not a reference to a model",
        why: "a model is named by its registered name and either an alias or a version",
        help: "Write models:/NAME@ALIAS (models:/churn@champion) or models:/NAME/VERSION (models:/churn/3).");

    public static ActivityException BadModelName(string name) => new(
        "ORC5502",
        $"\"{name}\" cannot be the name of a registered model",
        why: "'/', '@' and ':' separate the parts of a reference to a model",
        help: "Use letters, digits, '_', '-', '.' and inner spaces, starting with a letter or digit, at most 250 characters.");

    public static ActivityException BadAlias(string alias, string why) => new(
        "ORC5503",
        $"\"{alias}\" cannot be an alias of a model",
        why: why,
        help: "Use letters, digits, '_' and '-', at most 255 characters, with a letter in it: champion, challenger, prod-eu.");

    public static ActivityException NoSuchModel(string name, IReadOnlyList<string> known) => new(
        "ORC5504",
        $"there is no registered model \"{name}\"",
        help: NearNames.Question(name, known) ?? (known.Count == 0
            ? "No model is registered in this home yet. model.register or model.deploy registers the first."
            : $"Registered here: {Listing(known)}."));

    public static ActivityException NoSuchVersion(string name, int version, int last) => new(
        "ORC5505",
        $"model \"{name}\" has no version {version}",
        help: last switch
        {
            0 => "It has no versions yet.",
            1 => "Its only version is 1.",
            _ => $"It has the versions 1 to {last}. `orc models show {name}` lists them with their aliases.",
        });

    public static ActivityException ParamChanged(string key, string before, string now) => new(
        "ORC5506",
        $"parameter \"{key}\" is {Shorten(before)} already and cannot become {Shorten(now)}",
        why: "parameters say what a run was started with, so they are written once",
        help: "Log a value that changes as a metric, or under another name.");

    public static ActivityException BadKey(string kind, string key) => new(
        "ORC5507",
        $"\"{Shorten(key)}\" cannot be the name of a {kind}",
        why: "names are also paths in the interfaces that other tools use",
        help: "Use letters, digits, '_', '-', '.', ' ' and '/' between parts (no leading '/', no '..'), at most 250 characters.");

    public static ActivityException NoSuchExperiment(string name, IReadOnlyList<string> known) => new(
        "ORC5508",
        $"there is no experiment \"{name}\"",
        help: NearNames.Question(name, known) ?? (known.Count == 0 ? "Nothing has been tracked in this home yet." : $"Experiments here: {Listing(known)}."));

    public static ActivityException NoSuchTrackingRun(string id) => new(
        "ORC5509",
        $"there is no tracking run \"{id}\"",
        help: "A tracking run has the id of the attempt that made it; `orc models show NAME` names the one behind each version.");

    public static ActivityException NoSuchMetric(string run, string metric, IReadOnlyList<string> known) => new(
        "ORC5510",
        $"tracking run {run} has no metric \"{metric}\"",
        help: NearNames.Question(metric, known) ?? (known.Count == 0 ? "It has no metrics." : $"Its metrics: {Listing(known)}."));

    public static ActivityException TooLong(string kind, string key, int length, int limit) => new(
        "ORC5511",
        $"{kind} \"{key}\" has a value of {length} characters, {limit} is the most",
        help: "Keep the long text as an artifact and log its name.");

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text[..57]}...";

    private static string Listing(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(10).Select(name => $"\"{name}\"")) + (names.Count > 10 ? $" and {names.Count - 10} more" : "");
}
