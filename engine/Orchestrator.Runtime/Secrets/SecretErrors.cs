using Orchestrator.Core.Activities;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Secrets;

/// <summary>Every text about secrets, ORC526x. None of them ever holds a value.</summary>
public static class SecretErrors
{
    internal static Failure NotFound(SecretRef secret, IReadOnlyList<string> stored) => new()
    {
        Code = "ORC5260",
        Kind = FailureKind.Work,
        Message = $"there is no secret {secret}",
        Why = secret.Source switch
        {
            SecretSource.Env => $"the environment of the engine has no variable {secret.Name}",
            SecretSource.File => $"there is no file {secret.Name} in the folder of secret files ({FileSecrets.Folder})",
            SecretSource.Store => "the store of this home has no secret of that name",
            _ => $"neither the variable ORC_SECRET_{secret.Name}, nor a file {secret.Name} in {FileSecrets.Folder}, nor the store of this home has it",
        },
        Help = secret.Source is SecretSource.Env or SecretSource.File ? "Set it where the engine is started."
            : NearNames.Question(secret.Name, stored) ?? $"Store it: orc secrets set {secret.Name}",
    };

    public static ActivityException UnknownName(string name, IEnumerable<string> stored) => new(
        "ORC5260", $"there is no secret {name} in the store of this home", help: NearNames.Question(name, stored) ?? "`orc secrets list` shows what there is.");

    internal static ActivityException KeyMissing(string path, string variable) => Broken(
        "ORC5261",
        $"the key of the secret store is not at {path}",
        "the store holds secrets, and without the key that sealed them nobody can read them",
        $"Put the key file back, or name its place in {variable}. If it is lost, remove the secrets (orc secrets remove NAME) and set them again.");

    internal static ActivityException WrongKey(string name, string path) => Broken(
        "ORC5262",
        $"the key at {path} is not the one that sealed secret {name}",
        "a secret can be read only with the key that it was sealed with",
        "Use the key file of the machine where it was set (ORC_SECRETS_KEY names its place), or set the secret again.");

    internal static ActivityException KeyReadableByOthers(string path) => Broken(
        "ORC5263", $"others than its owner may read the key file {path}", "whoever has the key can read every secret of the home", $"Run chmod 600 {path}; if others may have seen it, run orc secrets rotate --key then.");

    internal static ActivityException KeyUnreadable(string path, string reason) => Broken(
        "ORC5264", $"cannot read the key file {path}: {reason}", "it holds the key of the secret store in two lines: orc-secrets-key-1, and the key", "Restore it from a copy.");

    internal static ActivityException Damaged(string name, string how) => Broken(
        "ORC5265", $"the stored secret {name} cannot be read: {how}", "each secret is sealed together with its name, so that no other can be put in its place", $"Set it again: orc secrets set {name}");

    internal static ActivityException NotNamed(SecretRef secret, string task) => new(
        "ORC5266",
        $"an input of task \"{task}\" asks for secret {secret}, which the task's definition does not name",
        why: "an attempt gets the secrets that its definition names and no others, so that a value from another task cannot ask for one",
        help: $"Write ${{secrets.{secret}}} in the pipeline.");

    public static ActivityException BadName(string name) => new(
        "ORC5267", $"\"{name}\" cannot be the name of a secret", why: "secrets are environment variables and files too", help: "Use letters, digits and underscores, 64 at most, no digit first; not env, file or store.");

    public static ActivityException BadValue(string name, string how) => new(
        "ORC5268",
        $"secret {name} was not stored: {how}",
        why: $"a secret is a text of 1 to {SecretBook.MaxValueBytes:N0} bytes",
        help: $"Pipe it in (orc secrets set {name} < FILE), or run the command on a terminal and type it. One line end at the end is left out.");

    internal static ActivityException ChangedMeanwhile() => new(
        new Failure { Code = "ORC5269", Kind = FailureKind.Infrastructure, Message = "the secrets were changed by another process meanwhile, so the key was not rotated", Help = "Try again.", Retryable = true });

    private static ActivityException Broken(string code, string message, string why, string help) =>
        new(new Failure { Code = code, Kind = FailureKind.Infrastructure, Message = message, Why = why, Help = help });
}
