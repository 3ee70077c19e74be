using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Deployment;

/// <summary>Every message of this family: ORC5550 to ORC5599.</summary>
internal static class DeploymentErrors
{
    public static ActivityException BadEndpointName(string name) => new(
        "ORC5550",
        $"\"{name}\" cannot be the name of an endpoint",
        why: "the name stands in addresses and commands",
        help: "Use a letter, then letters, digits, '_', '-' or '.', at most 64 characters.");

    public static ActivityException NoSuchEndpoint(string name, IReadOnlyList<string> known) => new(
        "ORC5551",
        $"there is no endpoint \"{name}\"",
        help: NearNames.Question(name, known) ?? (known.Count == 0
            ? "Nothing is deployed in this home yet. A pipeline with model.deploy makes the first endpoint."
            : $"The endpoints here are {Listing(known)}."));

    public static ActivityException NothingDeployed(string endpoint) => new(
        "ORC5552",
        $"endpoint \"{endpoint}\" has no deployment that could answer",
        help: "Deploy a model to it with model.deploy.");

    public static ActivityException NothingToRollBackTo(string endpoint, string current) => new(
        "ORC5553",
        $"endpoint \"{endpoint}\" cannot be rolled back: nothing that is still trusted answered it before {current}",
        why: "a rollback goes to the deployment that the current one took over from; one that was itself rolled back is not gone back to by itself",
        help: $"Name a version that answered before with --to, if one is good enough, or deploy another model. `orc endpoints show {endpoint}` lists what answered when.");

    public static ActivityException NeverDeployed(string endpoint, int version, IReadOnlyList<int> versions) => new(
        "ORC5554",
        $"endpoint \"{endpoint}\" cannot go back to version {version}, which never answered it",
        why: "a rollback returns to what has answered before; anything else is a deployment and goes through model.deploy",
        help: $"Versions that answered: {string.Join(", ", versions)}.");

    public static ActivityException ModelGone(string endpoint, string model, ActivityException cause) => new(
        new Failure
        {
            Code = "ORC5555",
            Kind = FailureKind.Work,
            Message = $"the file of {model}, which is behind endpoint \"{endpoint}\", is not in the artifact store",
            Why = cause.Failure.Message,
            Help = $"Put the home's artifacts back from a copy, or go back to another version with `orc rollback {endpoint}`.",
        },
        cause);

    public static ActivityException BadRow(string problem, string? where = null) => new(
        "ORC5556",
        where is null ? $"the row is not usable JSON: {problem}" : $"the row is not usable JSON at {where}: {problem}",
        help: "Give one object with a member per column, { \"age\": 41, \"plan\": \"basic\" }, or a list of such objects.");

    public static ActivityException DoesNotFit(string model, IReadOnlyList<string> problems) => new(
        new Failure
        {
            Code = "ORC5557",
            Kind = FailureKind.Work,
            Message = problems is [var only] ? $"the input does not fit {model}: {only}" : $"the input does not fit {model} in {problems.Count} places",
            Why = "a model answers only from the columns it learned from; a guess for a missing one would be a wrong answer that looks right",
            Help = "Repair the input. A value that is not known may be null.",
            Details = problems.Count > 1 ? problems : [],
        });

    public static ActivityException NoRows(string source) => new(
        "ORC5559",
        $"{source} has no rows to predict",
        help: "Give at least one row.");

    public static ActivityException FileNotFound(string path) => new(
        "ORC5560",
        $"there is no file {path}",
        help: "Check the path; relative paths start at the current folder.");

    private static string Listing(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(10).Select(name => $"\"{name}\"")) + (names.Count > 10 ? $" and {names.Count - 10} more" : "");
}
