using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.Secrets;

namespace Orchestrator.Cli.Secrets;

/// <summary><c>orc secrets</c>: the encrypted secrets of a home. No command shows a value, and none takes one as an argument, where other users and the shell's history would see it.</summary>
internal static class SecretCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("secrets", "Passwords and keys for tasks, encrypted in the home") { CreateSet(frame), CreateList(frame), CreateRemove(frame), CreateRotate(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateSet(CommandFrame frame)
    {
        var name = Name();
        var command = new Command("set", "Stores a secret; its value is read from standard input, or asked for on a terminal") { name };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => SetAsync(globals, parsed.GetRequiredValue(name), mustExist: false, cancellation)));
        return command;
    }

    private static Command CreateList(CommandFrame frame)
    {
        var command = new Command("list", "Lists the names of the secrets, never their values");
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateRemove(CommandFrame frame)
    {
        var name = Name();
        var command = new Command("remove", "Forgets a secret") { name };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var book = session.Get<SecretBook>();
            var secret = parsed.GetRequiredValue(name);
            if (!await book.RemoveAsync(secret, cancellation))
            {
                throw SecretErrors.UnknownName(secret, (await book.ListAsync(cancellation)).Select(one => one.Name));
            }

            return Tell(globals, new { name = secret, removed = true }, $"secret {secret} is removed");
        }));
        return command;
    }

    private static Command CreateRotate(CommandFrame frame)
    {
        var name = new Argument<string?>("NAME") { Description = "The secret that gets a new value", Arity = ArgumentArity.ZeroOrOne };
        var key = new Option<bool>("--key") { Description = "Makes a new key and seals every secret again with it; values stay as they are" };
        var command = new Command("rotate", "Replaces the value of a secret that exists, or the key of them all") { name, key };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            if (parsed.GetValue(name) is { } secret && !parsed.GetValue(key))
            {
                return await SetAsync(globals, secret, mustExist: true, cancellation);
            }

            if (!parsed.GetValue(key) || parsed.GetValue(name) is not null)
            {
                throw new WrongRequestException("ORC5970", "orc secrets rotate needs one of two: the name of a secret, or --key", help: "orc secrets rotate NAME, or orc secrets rotate --key");
            }

            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var count = await session.Get<SecretBook>().RotateKeyAsync(cancellation);
            return Tell(globals, new { secrets = count }, $"{count} secrets are sealed with a new key");
        }));
        return command;
    }

    private static async Task<int> ListAsync(Globals globals, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var secrets = await session.Get<SecretBook>().ListAsync(cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, secrets);
        }

        if (secrets.Count == 0)
        {
            globals.Console.Out.WriteLine("No secret yet. Store one with: orc secrets set NAME");
            return ExitCodes.Done;
        }

        var now = globals.Time.GetUtcNow();
        Print.Table(globals, ["SECRET", "VERSION", "SET", "CHANGED"], secrets.Select(secret => new[]
        {
            secret.Name, secret.Version.ToString(CultureInfo.InvariantCulture), Words.Ago(secret.CreatedAt, now), Words.Ago(secret.ChangedAt, now),
        }));
        return ExitCodes.Done;
    }

    private static async Task<int> SetAsync(Globals globals, string name, bool mustExist, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var book = session.Get<SecretBook>();
        if (mustExist && (await book.ListAsync(cancellation)) is var known && known.All(one => one.Name != name))
        {
            throw SecretErrors.UnknownName(name, known.Select(one => one.Name));
        }

        var version = await book.SetAsync(name, await ReadValueAsync(globals, name, cancellation), cancellation);
        return Tell(globals, new { name, version }, version == 1 ? $"secret {name} is stored" : $"secret {name} is stored; this is its version {version}");
    }

    private static async Task<string> ReadValueAsync(Globals globals, string name, CancellationToken cancellation)
    {
        if (globals.Console.AskUnseen is not { } ask)
        {
            return FileSecrets.WithoutLineEnd(await globals.Console.In.ReadToEndAsync(cancellation));
        }

        var value = ask($"value of {name}: ");
        return value == ask("once more: ") ? value : throw SecretErrors.BadValue(name, "the two values differ");
    }

    private static int Tell(Globals globals, object json, string words)
    {
        if (globals.Json)
        {
            return Print.Json(globals, json);
        }

        globals.Console.Out.WriteLine(words);
        return ExitCodes.Done;
    }

    private static Argument<string> Name() => new("NAME") { Description = "Letters, digits and underscores; pipelines say ${secrets.NAME}" };
}
