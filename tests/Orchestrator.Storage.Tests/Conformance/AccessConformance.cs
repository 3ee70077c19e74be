using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Storage.Tests.Conformance;

/// <summary>Users, keys, links and sessions, and that each change is in the audit log.</summary>
public abstract class AccessConformance(DatabaseProvider provider) : ConformanceSuite(provider)
{
    private static readonly RoleGrant[] Owner = [new RoleGrant { Project = RoleGrant.EveryProject, Role = "admin" }];
    private static readonly RoleGrant[] Viewer = [new RoleGrant { Project = "sales", Role = "viewer" }, new RoleGrant { Project = "fraud", Role = "viewer" }];

    private AccessStore access = null!;

    [SetUp]
    public async Task MigrateAsync()
    {
        await Database.MigrateAsync([AuditLog.Migrations, AccessStore.Migrations], CancellationToken.None);
        access = new AccessStore(Database);
    }

    [Test]
    public async Task AUserIsMadeOnce()
    {
        Assert.That(await access.AddUserAsync("ada", Owner, Audit("user.add"), CancellationToken.None));
        Assert.That(await access.AddUserAsync("ada", Viewer, Audit("user.add"), CancellationToken.None), Is.False);

        var ada = await access.FindUserAsync("ada", CancellationToken.None);
        Assert.That((ada?.Roles, ada?.CreatedAt, ada?.CreatedBy, ada?.DisabledAt), Is.EqualTo((Owner, Start, "root", (DateTimeOffset?)null)).Using<IReadOnlyList<RoleGrant>, IReadOnlyList<RoleGrant>>((left, right) => left.SequenceEqual(right)));
        Assert.That(await ActionsAsync(), Is.EqualTo(new[] { "user.add" }), "what changed nothing is not in the log");
        Assert.That(await access.FindUserAsync("bob", CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task ALinkSignsInOnceAndBeforeItExpires()
    {
        await access.AddUserAsync("ada", Owner, Audit("user.add"), CancellationToken.None);
        await access.AddLinkAsync("link", "ada", Start.AddHours(1), Audit("link.make"), CancellationToken.None);
        Assert.That(await access.HasBeenUsedAsync(CancellationToken.None), Is.False);

        Assert.That(await SignInAsync("link", "s0", Start.AddHours(1)), Is.Null, "it has expired");
        Assert.That(await SignInAsync("other", "s0"), Is.Null);
        var both = await Task.WhenAll(SignInAsync("link", "s1"), SignInAsync("link", "s2"));

        Assert.That(both.Count(session => session is not null), Is.EqualTo(1));
        var session = both.Single(one => one is not null);
        Assert.That((session?.UserName, session?.Csrf, session?.ExpiresAt), Is.EqualTo(("ada", "csrf", Start.AddDays(1))));
        Assert.That(await access.HasBeenUsedAsync(CancellationToken.None), Is.True);
        Assert.That(await ActionsAsync(), Is.EqualTo(new[] { "user.add", "link.make", "session.begin" }));
    }

    [Test]
    public async Task ASessionEndsByTimeBySigningOutAndWithItsUser()
    {
        await access.AddUserAsync("ada", Owner, Audit("user.add"), CancellationToken.None);
        foreach (var name in new[] { "a", "b" })
        {
            await access.AddLinkAsync(name, "ada", Start.AddHours(1), Audit("link.make"), CancellationToken.None);
            await SignInAsync(name, name);
        }

        Assert.That((await access.FindSessionAsync("a", Start, CancellationToken.None))?.Roles, Is.EqualTo(Owner));
        Assert.That(await access.FindSessionAsync("a", Start.AddDays(1), CancellationToken.None), Is.Null);
        await access.EndSessionAsync("a", Audit("session.end"), CancellationToken.None);
        Assert.That(await access.FindSessionAsync("a", Start, CancellationToken.None), Is.Null);
        await access.ChangeUserAsync("ada", Viewer, disabled: false, Audit("user.change"), CancellationToken.None);
        Assert.That((await access.FindSessionAsync("b", Start, CancellationToken.None))?.Roles, Is.EqualTo(Viewer), "other roles count at once");
        await access.ChangeUserAsync("ada", Viewer, disabled: true, Audit("user.disable"), CancellationToken.None);
        Assert.That(await access.FindSessionAsync("b", Start, CancellationToken.None), Is.Null);
        await access.ChangeUserAsync("ada", Viewer, disabled: false, Audit("user.change"), CancellationToken.None);
        Assert.That(await access.FindSessionAsync("b", Start, CancellationToken.None), Is.Null, "who comes back signs in anew");
        Assert.That(await access.ChangeUserAsync("bob", Viewer, disabled: false, Audit("user.change"), CancellationToken.None), Is.False);
    }

    [Test]
    public async Task WhoIsDisabledCannotUseALink()
    {
        await access.AddUserAsync("ada", Owner, Audit("user.add"), CancellationToken.None);
        await access.AddLinkAsync("link", "ada", Start.AddHours(1), Audit("link.make"), CancellationToken.None);
        await access.ChangeUserAsync("ada", Owner, disabled: true, Audit("user.disable"), CancellationToken.None);

        Assert.That(await SignInAsync("link", "s"), Is.Null);
    }

    [Test]
    public async Task AKeyIsKeptWithoutItsSecretAndRevokedOnce()
    {
        var key = new ApiKeyInfo { Id = "k1", Name = "ci", Hash = "abc", Roles = Viewer, Scripts = true, CreatedAt = Start, CreatedBy = "root", ExpiresAt = Start.AddDays(30) };
        await access.AddKeyAsync(key, Audit("key.make"), CancellationToken.None);
        await access.UseKeyAsync("k1", Start.AddHours(1), CancellationToken.None);

        Assert.That(await access.RevokeKeyAsync("k1", Audit("key.revoke"), CancellationToken.None));
        Assert.That(await access.RevokeKeyAsync("k1", Audit("key.revoke"), CancellationToken.None), Is.False);

        var stored = await access.FindKeyAsync("k1", CancellationToken.None);
        Assert.That(stored, Is.EqualTo(key with { Roles = stored!.Roles, LastUsedAt = Start.AddHours(1), RevokedAt = Start, RevokedBy = "root" }));
        Assert.That(stored.Roles, Is.EqualTo(Viewer));
        Assert.That((await access.ListKeysAsync(CancellationToken.None)).Select(one => one.Id), Is.EqualTo(new[] { "k1" }));
        Assert.That(await ActionsAsync(), Is.EqualTo(new[] { "key.make", "key.revoke" }));
    }

    private static AuditEntry Audit(string action) => new() { At = Start, Actor = "root", Via = "local", Action = action };

    private Task<SignInSession?> SignInAsync(string link, string session, DateTimeOffset? now = null) => access.SignInAsync(
        link, session, "csrf", now ?? Start, Start.AddDays(1), user => Audit("session.begin") with { Actor = user }, CancellationToken.None);

    private async Task<IEnumerable<string>> ActionsAsync() => (await new AuditLog(Database).ListAsync(new AuditFilter(), CancellationToken.None)).Select(row => row.Action).Reverse();
}
