using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Identifiers;

namespace Orchestrator.Server.Access;

/// <summary>Makes API keys, users and sign-in links; for the API and for commands on the home.</summary>
public sealed class KeyMaker(AccessStore access, TimeProvider time)
{
    private static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(15);

    /// <summary>Makes a key and answers it with its text, which is nowhere kept.</summary>
    /// <param name="name">What it is for.</param>
    /// <param name="roles">Each as <c>ROLE</c> or <c>PROJECT:ROLE</c>.</param>
    /// <param name="scripts">True: may register C# scripts.</param>
    /// <param name="life">Null: does not expire.</param>
    /// <param name="by">The entry of the audit log, without what it is about.</param>
    /// <param name="cancellation">Ends the waiting for the writer.</param>
    /// <exception cref="Core.Activities.ActivityException">A role is none (ORC6070).</exception>
    public async Task<(ApiKeyInfo Key, string Text)> CreateKeyAsync(string name, IEnumerable<string> roles, bool scripts, TimeSpan? life, AuditEntry by, CancellationToken cancellation)
    {
        var secret = AccessTokens.NewSecret();
        var now = time.GetUtcNow();
        var key = new ApiKeyInfo
        {
            Id = Ids.New(time).ToLowerInvariant(), Name = name, Hash = AccessTokens.Hash(secret), Roles = [.. roles.Select(Roles.Parse)], Scripts = scripts, CreatedAt = now, CreatedBy = by.Actor,
            ExpiresAt = now + life,
        };
        var details = new { name, roles = key.Roles.Select(grant => $"{grant.Project}:{grant.Role}"), scripts, expiresAt = key.ExpiresAt };
        await access.AddKeyAsync(key, by with { Action = "key.create", Target = $"key {key.Id}", Details = Core.Values.OrcJson.ToElement(details) }, cancellation);
        return (key, AccessTokens.WriteKey(key.Id, secret));
    }

    /// <summary>Makes the path and query of a link that signs a user in, once and within 15 minutes. A user that is not there yet is made first, with the roles.</summary>
    public async Task<string> CreateLinkAsync(string user, IEnumerable<string> roles, AuditEntry by, CancellationToken cancellation)
    {
        RoleGrant[] granted = [.. roles.Select(Roles.Parse)];
        await access.AddUserAsync(
            user, granted,
            by with { Action = "user.create", Target = $"user {user}", Details = Core.Values.OrcJson.ToElement(new { roles = granted.Select(grant => $"{grant.Project}:{grant.Role}") }) },
            cancellation);
        var token = AccessTokens.NewSecret();
        await access.AddLinkAsync(AccessTokens.Hash(token), user, time.GetUtcNow() + LinkLife, by with { Action = "link.create", Target = $"user {user}" }, cancellation);
        return $"/sign-in?token={token}";
    }
}
