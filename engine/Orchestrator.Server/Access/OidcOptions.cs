namespace Orchestrator.Server.Access;

/// <summary>An identity provider whose bearer tokens are taken.</summary>
public sealed record OidcOptions
{
    /// <summary>Where its metadata is: <c>https://login.example.org/realms/ml</c>, without <c>/.well-known/openid-configuration</c>.</summary>
    public required string Authority { get; init; }

    /// <summary>The audience that tokens must be for.</summary>
    public required string Audience { get; init; }

    /// <summary>The claim that has the roles, each as <c>orc:ROLE</c> or <c>orc:PROJECT:ROLE</c>. Default <c>roles</c>.</summary>
    public string RolesClaim { get; init; } = "roles";

    /// <summary>The claim that names the caller. Default <c>preferred_username</c>; <c>sub</c> when a token has none.</summary>
    public string NameClaim { get; init; } = "preferred_username";
}
