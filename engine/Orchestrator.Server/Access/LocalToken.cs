using Orchestrator.Storage.Access;

namespace Orchestrator.Server.Access;

/// <summary>
/// A secret that is new with each start of the server and stands in the home, in a file for its owner alone: commands on the same machine come with it. Who can read the home can change the
/// database by hand, so it may do everything.
/// </summary>
internal sealed class LocalToken
{
    private readonly string hash;

    /// <param name="value">The secret.</param>
    /// <param name="owner">The name under which commands come.</param>
    public LocalToken(string value, string owner)
    {
        hash = AccessTokens.Hash(value);
        Caller = new Caller { Name = owner, Via = CallerKinds.Local, Roles = [new RoleGrant { Project = RoleGrant.EveryProject, Role = Roles.Admin }] };
    }

    public Caller Caller { get; }

    public bool IsRight(string value) => AccessTokens.AreEqual(hash, AccessTokens.Hash(value));
}
