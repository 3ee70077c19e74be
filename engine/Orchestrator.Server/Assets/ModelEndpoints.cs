using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Assets;

/// <summary>Registered models, their versions and aliases.</summary>
internal static class ModelEndpoints
{
    private const string Resource = "models";
    private const int ShownChanges = 100;

    public static void Map(RouteGroupBuilder api)
    {
        var models = api.MapGroup("/models");
        models.MapGet("", ListAsync).Needs(Permission.Read).Describe(Resource, "Registered models with their aliases, by name", 400);
        models.MapGet("/{model}", ShowAsync).Needs(Permission.Read).Describe(Resource, "A model with its aliases and where they have pointed", 404);
        models.MapGet("/{model}/versions", VersionsAsync).Needs(Permission.Read).Describe(Resource, "The versions of a model, newest first, and where each comes from", 400, 404);
        models.MapGet("/{model}/versions/{version:int}", VersionAsync).Needs(Permission.Read).Describe(Resource, "A version of a model and where it comes from", 404);
        models.MapPut("/{model}/aliases/{alias}", MoveAsync).Needs(Permission.Operate)
            .Describe(Resource, "Points an alias at a version; what waits for the alias hears of it. With \"from\" only while it points there", 400, 404, 412, 415, 422, 503);
        models.MapDelete("/{model}/aliases/{alias}", RemoveAsync).Needs(Permission.Operate).Describe(Resource, "Takes an alias away; its history stays", 404, 503);
    }

    private static async Task<Ok<Page<ModelDocument>>> ListAsync(HttpContext context, ServerParts parts, string? search, string? cursor, int? limit)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        return TypedResults.Ok(AssetPages.ByName(await parts.Assets.Models.ListAsync(context.RequestAborted), one => one.Name, search, cursor, limit));
    }

    private static async Task<Ok<ModelDocument>> ShowAsync(string model, HttpContext context, ServerParts parts)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        var found = await parts.Assets.Models.GetAsync(model, context.RequestAborted);
        return TypedResults.Ok(found.Model with { AliasHistory = [.. found.AliasHistory.Take(ShownChanges)] });
    }

    private static async Task<Ok<Page<ModelVersionDocument>>> VersionsAsync(string model, HttpContext context, ServerParts parts, string? cursor, int? limit)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        var (most, before) = (Query.Limit(limit), Query.Number(cursor) ?? long.MaxValue);
        var found = (await parts.Assets.Models.GetAsync(model, context.RequestAborted)).Versions.Where(one => one.Version < before).OrderByDescending(one => one.Version).Take(most + 1).ToArray();
        return TypedResults.Ok(Page<ModelVersionDocument>.Of(found, most, one => one.Version.ToString(CultureInfo.InvariantCulture), one => one));
    }

    private static async Task<Ok<ModelVersionDocument>> VersionAsync(string model, int version, HttpContext context, ServerParts parts)
    {
        AssetPages.CheckEverywhere(context, Permission.Read);
        var found = await parts.Assets.Models.GetAsync(model, context.RequestAborted);
        return TypedResults.Ok(found.Versions.FirstOrDefault(one => one.Version == version) ?? throw ServerErrors.NoSuchModelVersion(found.Model.Name, version));
    }

    private static async Task<Ok<AliasDocument>> MoveAsync(string model, string alias, MoveAlias move, HttpContext context, ServerParts parts, ServerState state)
    {
        state.CheckTaking();
        var caller = AssetPages.CheckEverywhere(context, Permission.Operate);
        var wish = new AliasMoveWish { Model = model, Alias = alias, Version = move.Version, From = move.From, Reason = move.Reason };
        var moved = await parts.Assets.Models.MoveAliasAsync(wish, AssetPages.Audited(caller, "model.alias", $"model {model}", parts, new { alias, move.Version, move.From, move.Reason }), context.RequestAborted);
        return moved.Refused
            ? throw ServerErrors.OtherVersion($"alias \"{ServerErrors.Shorten(alias)}\"", moved.Before is { } now ? $"at version {now}" : "not there")
            : TypedResults.Ok(new AliasDocument { Model = model, Alias = alias, Version = move.Version, Previous = moved.Before });
    }

    private static async Task<NoContent> RemoveAsync(string model, string alias, HttpContext context, ServerParts parts, ServerState state)
    {
        state.CheckTaking();
        var caller = AssetPages.CheckEverywhere(context, Permission.Operate);
        var moved = await parts.Assets.Models.MoveAliasAsync(
            new AliasMoveWish { Model = model, Alias = alias }, AssetPages.Audited(caller, "model.alias", $"model {model}", parts, new { alias, removed = true }), context.RequestAborted);
        return moved.Before is null ? throw ServerErrors.NoSuchAlias(model, alias) : TypedResults.NoContent();
    }
}
