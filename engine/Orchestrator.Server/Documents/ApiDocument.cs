using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Orchestrator.Server.Access;

namespace Orchestrator.Server.Documents;

/// <summary>The OpenAPI document: what the code says, and what it cannot say by itself.</summary>
internal static class ApiDocument
{
    private static readonly string[] Endings = ["Document", "Body"];

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.CreateSchemaReferenceId = type =>
            type.Type == typeof(JsonElement) || Nullable.GetUnderlyingType(type.Type) == typeof(JsonElement) ? null
            : type.Type is { IsGenericType: true } page && page.GetGenericTypeDefinition() == typeof(Page<>) ? $"{NameOf(page.GetGenericArguments()[0].Name)}Page"
            : OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } name ? NameOf(name) : null;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Orchestrator",
                Version = "v1",
                Description = "Pipelines, runs, logs and artifacts of an Orchestrator home. Problems are application/problem+json with a code that has one meaning for ever. Lists come in pages: ask again with \"next\" as cursor.",
            };
            // Where the server is depends on who asks.
            document.Servers?.Clear();
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key (orc_…), or a token of the identity provider that the server was started with." },
                ["session"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = CallerFinder.CookieName, Description = "The cookie of somebody who signed in with a link. What changes something needs the header X-Orc-Csrf too." },
            };
            document.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", document)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("session", document)] = [] },
            ];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Need>().LastOrDefault()?.Permission is { } permission)
            {
                operation.Description = $"Needs the permission to {Roles.Words(permission)}.";
                operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
                operation.Extensions["x-orc-permission"] = new JsonNodeExtension(JsonValue.Create(JsonNamingPolicy.KebabCaseLower.ConvertName(permission.ToString()))!);
            }

            return Task.CompletedTask;
        });
    });

    /// <summary>What a class is called in the document: that it is a document, or a body, is plain there.</summary>
    private static string NameOf(string type) => Endings.FirstOrDefault(ending => type.EndsWith(ending, StringComparison.Ordinal)) is { } ending ? type[..^ending.Length] : type;
}
