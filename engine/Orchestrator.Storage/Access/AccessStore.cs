using System.Text.Json;
using Orchestrator.Storage.Audit;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Migrations;

namespace Orchestrator.Storage.Access;

/// <summary>Users, API keys, sign-in links and sessions. Every change is stored together with its entry in the audit log.</summary>
public sealed class AccessStore(OrcDatabase database)
{
    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(AccessStore).Assembly, "Access", "access");

    /// <summary>Needs the tables of <see cref="AuditLog.Migrations"/> too.</summary>
    public static MigrationSet Migrations { get; } = MigrationSet.FromResources("access", typeof(AccessStore).Assembly, "Access");

    /// <returns>False: there is a user of this name, and nothing was written.</returns>
    public Task<bool> AddUserAsync(string name, IReadOnlyList<RoleGrant> roles, AuditEntry audit, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            if (await session.ExecuteAsync(Sql["insert_user"], new { name, roles = RoleColumn.Write(roles), now = audit.At, by = audit.Actor }, token) == 0)
            {
                return false;
            }

            await AuditLog.AppendAsync(session, audit, token);
            return true;
        },
        cancellation);

    /// <summary>Gives a user other roles, or takes the right to sign in. Who is disabled is signed out everywhere.</summary>
    /// <returns>False: there is no such user.</returns>
    public Task<bool> ChangeUserAsync(string name, IReadOnlyList<RoleGrant> roles, bool disabled, AuditEntry audit, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            if (await session.ExecuteAsync(Sql["change_user"], new { name, roles = RoleColumn.Write(roles), disabledAt = disabled ? audit.At : (DateTimeOffset?)null }, token) == 0)
            {
                return false;
            }

            if (disabled)
            {
                await session.ExecuteAsync(Sql["end_sessions_of_user"], new { user = name }, token);
            }

            await AuditLog.AppendAsync(session, audit, token);
            return true;
        },
        cancellation);

    public async Task<UserInfo?> FindUserAsync(string name, CancellationToken cancellation) =>
        (await database.ReadAsync((session, token) => session.FindAsync<UserRow>(Sql["find_user"], new { name }, token), cancellation))?.ToInfo();

    public async Task<IReadOnlyList<UserInfo>> ListUsersAsync(CancellationToken cancellation) =>
        [.. (await database.ReadAsync((session, token) => session.QueryAsync<UserRow>(Sql["list_users"], cancellation: token), cancellation)).Select(row => row.ToInfo())];

    public Task AddKeyAsync(ApiKeyInfo key, AuditEntry audit, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync(
                Sql["insert_key"],
                new { id = key.Id, name = key.Name, hash = key.Hash, roles = RoleColumn.Write(key.Roles), scripts = key.Scripts ? 1 : 0, now = key.CreatedAt, by = key.CreatedBy, expiresAt = key.ExpiresAt },
                token);
            await AuditLog.AppendAsync(session, audit, token);
        },
        cancellation);

    /// <summary>Also one that has expired or was revoked.</summary>
    public async Task<ApiKeyInfo?> FindKeyAsync(string id, CancellationToken cancellation) =>
        (await database.ReadAsync((session, token) => session.FindAsync<KeyRow>(Sql["find_key"], new { id }, token), cancellation))?.ToInfo();

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<ApiKeyInfo>> ListKeysAsync(CancellationToken cancellation) =>
        [.. (await database.ReadAsync((session, token) => session.QueryAsync<KeyRow>(Sql["list_keys"], cancellation: token), cancellation)).Select(row => row.ToInfo())];

    /// <returns>False: there is no such key, or it was revoked before.</returns>
    public Task<bool> RevokeKeyAsync(string id, AuditEntry audit, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            if (await session.ExecuteAsync(Sql["revoke_key"], new { id, now = audit.At, by = audit.Actor }, token) == 0)
            {
                return false;
            }

            await AuditLog.AppendAsync(session, audit, token);
            return true;
        },
        cancellation);

    /// <summary>Notes that a key is in use. Nobody waits for the disk.</summary>
    public Task UseKeyAsync(string id, DateTimeOffset now, CancellationToken cancellation) => database.WriteAsync(
        (session, token) => session.ExecuteAsync(Sql["use_key"], new { id, now }, token), Durability.Deferred, cancellation);

    /// <summary>Makes a link with which a user can sign in once.</summary>
    public Task AddLinkAsync(string hash, string user, DateTimeOffset expiresAt, AuditEntry audit, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync(Sql["insert_link"], new { hash, user, now = audit.At, expiresAt }, token);
            await AuditLog.AppendAsync(session, audit, token);
        },
        cancellation);

    /// <summary>Uses a link up and begins a session.</summary>
    /// <param name="link">Its hash.</param>
    /// <param name="session">The hash of the new session's cookie.</param>
    /// <param name="csrf">See <see cref="SignInSession.Csrf"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="expiresAt">The end of the session.</param>
    /// <param name="audit">The entry for the user who is signed in.</param>
    /// <param name="cancellation">Ends the waiting for the writer.</param>
    /// <returns>Null: there is no such link, it was used or has expired, or its user may not sign in; nothing was written.</returns>
    public Task<SignInSession?> SignInAsync(string link, string session, string csrf, DateTimeOffset now, DateTimeOffset expiresAt, Func<string, AuditEntry> audit, CancellationToken cancellation) => database.WriteAsync(
        async (write, token) =>
        {
            if (await write.FindAsync<string>(Sql["find_link_user"], new { hash = link }, token) is not { } user
                || (await write.FindAsync<UserRow>(Sql["find_user"], new { name = user }, token))?.ToInfo() is not { DisabledAt: null }
                || await write.ExecuteAsync(Sql["use_link"], new { hash = link, now }, token) == 0)
            {
                return null;
            }

            await write.ExecuteAsync(Sql["end_old_sessions"], new { now }, token);
            await write.ExecuteAsync(Sql["insert_session"], new { hash = session, user, csrf, now, expiresAt }, token);
            await AuditLog.AppendAsync(write, audit(user), token);
            return (await write.FindAsync<SessionRow>(Sql["find_session"], new { hash = session, now }, token))?.ToInfo();
        },
        cancellation);

    /// <summary>A session that has not ended, of a user who may sign in; null otherwise.</summary>
    public async Task<SignInSession?> FindSessionAsync(string hash, DateTimeOffset now, CancellationToken cancellation) =>
        (await database.ReadAsync((session, token) => session.FindAsync<SessionRow>(Sql["find_session"], new { hash, now }, token), cancellation))?.ToInfo();

    public Task EndSessionAsync(string hash, AuditEntry audit, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            if (await session.ExecuteAsync(Sql["end_session"], new { hash }, token) > 0)
            {
                await AuditLog.AppendAsync(session, audit, token);
            }
        },
        cancellation);

    /// <summary>True when somebody has ever signed in.</summary>
    public async Task<bool> HasBeenUsedAsync(CancellationToken cancellation) =>
        await database.ReadAsync((session, token) => session.FindAsync<long>(Sql["count_used_links"], cancellation: token), cancellation) > 0;

    private sealed class UserRow
    {
        public required string Name { get; init; }

        public required JsonElement Roles { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public required string CreatedBy { get; init; }

        public DateTimeOffset? DisabledAt { get; init; }

        public UserInfo ToInfo() => new() { Name = Name, Roles = RoleColumn.Read(Roles), CreatedAt = CreatedAt, CreatedBy = CreatedBy, DisabledAt = DisabledAt };
    }

    private sealed class KeyRow
    {
        public required string Id { get; init; }

        public required string Name { get; init; }

        public required string Hash { get; init; }

        public required JsonElement Roles { get; init; }

        public required int Scripts { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public required string CreatedBy { get; init; }

        public DateTimeOffset? ExpiresAt { get; init; }

        public DateTimeOffset? LastUsedAt { get; init; }

        public DateTimeOffset? RevokedAt { get; init; }

        public string? RevokedBy { get; init; }

        public ApiKeyInfo ToInfo() => new()
        {
            Id = Id, Name = Name, Hash = Hash, Roles = RoleColumn.Read(Roles), Scripts = Scripts != 0, CreatedAt = CreatedAt, CreatedBy = CreatedBy,
            ExpiresAt = ExpiresAt, LastUsedAt = LastUsedAt, RevokedAt = RevokedAt, RevokedBy = RevokedBy,
        };
    }

    private sealed class SessionRow
    {
        public required string Hash { get; init; }

        public required string UserName { get; init; }

        public required string Csrf { get; init; }

        public required JsonElement Roles { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public required DateTimeOffset ExpiresAt { get; init; }

        public SignInSession ToInfo() => new() { Hash = Hash, UserName = UserName, Csrf = Csrf, Roles = RoleColumn.Read(Roles), CreatedAt = CreatedAt, ExpiresAt = ExpiresAt };
    }
}
