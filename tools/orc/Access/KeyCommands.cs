using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Values;
using Orchestrator.Runtime.Homes;
using Orchestrator.Server.Access;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Cli.Access;

/// <summary><c>orc keys</c>: who may use the server. Works on the home itself, so whoever may open the home may use it, also while no server is there.</summary>
internal static class KeyCommands
{
    private const string RoleHelp = "ROLE or PROJECT:ROLE, with viewer, operator, author, approver or admin; may be given several times";

    public static Command Create(CommandFrame frame)
    {
        var command = new Command("keys", "API keys and sign-in links of the server") { CreateCreate(frame), CreateList(frame), CreateRevoke(frame), CreateSignIn(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateCreate(CommandFrame frame)
    {
        var name = new Argument<string>("NAME") { Description = "What the key is for; the audit log and runs show it" };
        var role = new Option<string[]>("--role") { Description = RoleHelp, HelpName = "ROLE", Required = true };
        var scripts = new Option<bool>("--scripts") { Description = "The key may register C# scripts, which is running code on the server" };
        var expires = new Option<string?>("--expires") { Description = "After how long the key expires: 90d; never, unless given", HelpName = "TIME" };
        var command = new Command("create", "Makes an API key and shows it, this once") { name, role, scripts, expires };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            TimeSpan? life = parsed.GetValue(expires) is not { } text ? null
                : Durations.TryParse(text, out var given) && given > TimeSpan.Zero ? given
                : throw new WrongRequestException("ORC6073", $"--expires is \"{text}\", which is no duration", help: "Write it as 90d or 12h.");
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var (key, secret) = await MakerOf(globals, session).CreateKeyAsync(
                parsed.GetRequiredValue(name), parsed.GetValue(role) ?? [], parsed.GetValue(scripts), life, Entry(globals, "key.create"), cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, new { id = key.Id, name = key.Name, roles = key.Roles.Select(WordOf), scripts = key.Scripts, expiresAt = key.ExpiresAt, key = secret });
            }

            globals.Console.Out.WriteLine(secret);
            globals.Console.Error.WriteLine("This is the only time that the key is shown. Send it as \"Authorization: Bearer KEY\".");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateList(CommandFrame frame)
    {
        var command = new Command("list", "Lists API keys, without what is secret of them");
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateRevoke(CommandFrame frame)
    {
        var id = new Argument<string>("ID") { Description = "The key's id; orc keys list shows it" };
        var command = new Command("revoke", "Revokes an API key, at once") { id };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var key = parsed.GetRequiredValue(id);
            if (!await new AccessStore(session.Database).RevokeKeyAsync(key, Entry(globals, "key.revoke") with { Target = $"key {key}" }, cancellation))
            {
                throw new WrongRequestException("ORC6074", $"there is no key \"{key}\" that could be revoked", help: "`orc keys list` shows them.");
            }

            if (globals.Json)
            {
                return Print.Json(globals, new { id = key, revoked = true });
            }

            globals.Console.Out.WriteLine($"key {key} is revoked");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateSignIn(CommandFrame frame)
    {
        var user = new Argument<string?>("USER") { Description = "Who signs in (default: the user of this system); made when there is none", Arity = ArgumentArity.ZeroOrOne };
        var role = new Option<string[]>("--role") { Description = $"What a new user may do (default: admin): {RoleHelp}", HelpName = "ROLE" };
        var command = new Command("sign-in", "Makes a link that signs a user in, once and within 15 minutes") { user, role };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var name = parsed.GetValue(user) ?? Environment.UserName;
            var link = await MakerOf(globals, session).CreateLinkAsync(name, parsed.GetValue(role) is { Length: > 0 } roles ? roles : ["admin"], Entry(globals, "link.create"), cancellation);
            var url = (ServerAddress.Find(session.Home.Folder)?.Url ?? "http://SERVER") + link;
            if (globals.Json)
            {
                return Print.Json(globals, new { user = name, link = url });
            }

            globals.Console.Out.WriteLine(url);
            return ExitCodes.Done;
        }));
        return command;
    }

    private static async Task<int> ListAsync(Globals globals, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var keys = await new AccessStore(session.Database).ListKeysAsync(cancellation);
        var now = globals.Time.GetUtcNow();
        if (globals.Json)
        {
            return Print.Json(globals, keys.Select(key => new
            {
                id = key.Id, name = key.Name, roles = key.Roles.Select(WordOf), scripts = key.Scripts, createdAt = key.CreatedAt, createdBy = key.CreatedBy, expiresAt = key.ExpiresAt,
                lastUsedAt = key.LastUsedAt, revokedAt = key.RevokedAt, revokedBy = key.RevokedBy,
            }));
        }

        if (keys.Count == 0)
        {
            globals.Console.Out.WriteLine("No API keys. Make one with: orc keys create NAME --role operator");
            return ExitCodes.Done;
        }

        Print.Table(globals, ["ID", "NAME", "STATE", "USED", "MADE BY", "ROLES"], keys.Select(key => new[]
        {
            key.Id,
            key.Name,
            key.RevokedAt is not null ? "revoked" : key.ExpiresAt <= now ? "expired" : key.ExpiresAt is { } end ? $"until {end:yyyy-MM-dd}" : "valid",
            key.LastUsedAt is { } used ? Words.Ago(used, now) : "never",
            key.CreatedBy,
            string.Join(", ", key.Roles.Select(WordOf).Concat(key.Scripts ? ["scripts"] : [])),
        }));
        return ExitCodes.Done;
    }

    private static KeyMaker MakerOf(Globals globals, OrcSession session) => new(new AccessStore(session.Database), globals.Time);

    private static AuditEntry Entry(Globals globals, string action) => new() { At = globals.Time.GetUtcNow(), Actor = Environment.UserName, Via = "local", Action = action };

    private static string WordOf(RoleGrant grant) => grant.Project == RoleGrant.EveryProject ? grant.Role : $"{grant.Project}:{grant.Role}";
}
