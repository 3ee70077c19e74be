using Orchestrator.Server.Access;
using Orchestrator.Storage.Access;
using Orchestrator.Storage.Audit;

namespace Orchestrator.Server.Hosting;

/// <summary>Sees that somebody can sign in, and nobody else.</summary>
internal static class FirstStart
{
    /// <summary>A link for the owner, as long as nobody has ever signed in; null afterwards.</summary>
    public static async Task<string?> LinkAsync(AccessStore access, KeyMaker keys, string owner, TimeProvider time, CancellationToken cancellation) =>
        await access.HasBeenUsedAsync(cancellation)
            ? null
            : await keys.CreateLinkAsync(owner, [$"{RoleGrant.EveryProject}:{Roles.Admin}"], new AuditEntry { At = time.GetUtcNow(), Actor = owner, Via = CallerKinds.Local, Action = "" }, cancellation);
}
