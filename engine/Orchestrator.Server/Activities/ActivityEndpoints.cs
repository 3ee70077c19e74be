using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Core.Activities;
using Orchestrator.Dsl.Schema;
using Orchestrator.Server.Access;
using Orchestrator.Server.Documents;
using Orchestrator.Server.Hosting;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Activities;

/// <summary>What tasks can do: the descriptors that a designer draws, and JSON Schemas that an editor completes with.</summary>
internal static class ActivityEndpoints
{
    private const string Resource = "activities";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/activities", (ServerParts parts) => TypedResults.Ok(parts.Activities.Activities.Select(activity => ActivityDocument.Of(activity)).ToArray()))
            .NeedsSignIn().Describe(Resource, "All activities, with their inputs and outputs");
        api.MapGet("/activities/{type}", Show).NeedsSignIn().Describe(Resource, "An activity, with the JSON Schema of what a task writes under \"with\"", 404);
        api.MapGet("/schema", Schema).NeedsSignIn().Describe(Resource, "The JSON Schema of pipelines").Produces<object>(200, "application/schema+json");
    }

    private static Ok<ActivityDocument> Show(string type, ServerParts parts)
    {
        var activity = parts.Activities.Find(type) ?? throw ServerErrors.NoSuchActivity(type, parts.Activities.Activities.Select(one => one.Type));
        return TypedResults.Ok(ActivityDocument.Of(activity) with { Schema = JsonSerializer.SerializeToElement(PipelineSchema.CreateWith(parts.Activities, activity)) });
    }

    private static ContentHttpResult Schema(ServerParts parts) => TypedResults.Text(PipelineSchema.CreateText(parts.Activities), "application/schema+json");
}

/// <summary>An activity.</summary>
public sealed record ActivityDocument
{
    /// <summary>What a task's <c>uses</c> says: <c>data.validate</c>.</summary>
    public required string Type { get; init; }

    public required int Version { get; init; }

    public required string Title { get; init; }

    public required string Summary { get; init; }

    public required string Category { get; init; }

    public required string Kind { get; init; }

    /// <summary>Where its attempts run.</summary>
    public required string Lane { get; init; }

    public required IReadOnlyList<InputDocument> Inputs { get; init; }

    public required IReadOnlyList<OutputDocument> Outputs { get; init; }

    /// <summary>The ways out that a designer draws.</summary>
    public required IReadOnlyList<string> Ports { get; init; }

    /// <summary>The JSON Schema of <c>with</c>; only where one activity is shown.</summary>
    public JsonElement? Schema { get; init; }

    internal static ActivityDocument Of(ActivityDescriptor activity) => new()
    {
        Type = activity.Type,
        Version = activity.Version,
        Title = activity.Title,
        Summary = activity.Summary,
        Category = activity.Category,
        Kind = JsonNamingPolicy.KebabCaseLower.ConvertName(activity.Kind.ToString()),
        Lane = JsonNamingPolicy.KebabCaseLower.ConvertName(activity.Lane.ToString()),
        Inputs = [.. activity.Inputs.Select(InputDocument.Of)],
        Outputs = [.. activity.Outputs.Select(OutputDocument.Of)],
        Ports = [.. activity.Ports],
    };
}

/// <summary>An input of an activity: a field of the designer's form.</summary>
public sealed record InputDocument
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Type { get; init; }

    public required bool Required { get; init; }

    public JsonElement? Default { get; init; }

    public string? Help { get; init; }

    /// <summary>Which control a designer shows.</summary>
    public string? Hint { get; init; }

    public string? Unit { get; init; }

    public double? Minimum { get; init; }

    public double? Maximum { get; init; }

    public IReadOnlyList<string>? Choices { get; init; }

    internal static InputDocument Of(InputDescriptor input) => new()
    {
        Name = input.Name, Title = input.Title, Type = input.TypeName, Required = input.Required, Default = input.Default, Help = input.Help, Hint = input.Hint, Unit = input.Unit,
        Minimum = input.Minimum, Maximum = input.Maximum, Choices = input.Choices.IsEmpty ? null : [.. input.Choices],
    };
}

/// <summary>An output of an activity.</summary>
public sealed record OutputDocument
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    public required string Type { get; init; }

    public string? Help { get; init; }

    internal static OutputDocument Of(OutputDescriptor output) => new() { Name = output.Name, Title = output.Title, Type = output.TypeName, Help = output.Help };
}
