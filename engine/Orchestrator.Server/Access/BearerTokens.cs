using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Server.Hosting;

namespace Orchestrator.Server.Access;

/// <summary>Checks tokens of the identity provider: signature by its published keys, issuer, audience, time.</summary>
internal static class BearerTokens
{
    public static IServiceCollection AddBearerTokens(this IServiceCollection services, ServerOptions options)
    {
        if (options.Oidc is not { } oidc)
        {
            return services;
        }

        services.AddAuthentication().AddJwtBearer(bearer =>
        {
            bearer.Authority = oidc.Authority;
            bearer.Audience = oidc.Audience;
            // Claims keep the names that the provider gave them.
            bearer.MapInboundClaims = false;
            // Only keys of a provider on this machine may be fetched in the clear.
            bearer.RequireHttpsMetadata = !new Uri(oidc.Authority).IsLoopback;
            bearer.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
        });
        return services;
    }
}
