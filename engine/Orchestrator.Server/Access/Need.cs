using Microsoft.AspNetCore.Builder;

namespace Orchestrator.Server.Access;

/// <summary>What an endpoint asks of its callers. One without is closed to all.</summary>
/// <param name="Permission">Needed in some project before the endpoint is reached, and there in the project that it is about; null: none.</param>
/// <param name="IsOpen">True: to anybody, signed in or not.</param>
public sealed record Need(Permission? Permission, bool IsOpen);

/// <summary>Says what endpoints need.</summary>
public static class NeedExtensions
{
    /// <summary>Only for callers with a permission.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder endpoint, Permission permission)
        where TBuilder : IEndpointConventionBuilder
        => endpoint.WithMetadata(new Need(permission, IsOpen: false));

    /// <summary>For everybody who is signed in, whatever the roles.</summary>
    public static TBuilder NeedsSignIn<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
        => endpoint.WithMetadata(new Need(Permission: null, IsOpen: false));

    /// <summary>For everybody. Says nothing of the home and changes nothing without a secret of its own.</summary>
    public static TBuilder IsOpen<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
        => endpoint.WithMetadata(new Need(Permission: null, IsOpen: true));
}
