using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Dsl.Schema;

namespace Orchestrator.Cli.Pipelines;

/// <summary><c>orc schema</c>: the JSON Schema of pipelines, for editors; with the name of an activity, what it takes and yields.</summary>
internal static class SchemaCommand
{
    public static Command Create(CommandFrame frame)
    {
        var activity = new Argument<string?>("ACTIVITY") { Description = "Show this activity's inputs and outputs instead", Arity = ArgumentArity.ZeroOrOne };
        var list = new Option<bool>("--list") { Description = "List all activities" };
        var command = new Command("schema", "Writes the JSON Schema of pipelines, for completion in editors") { activity, list };
        command.SetAction((parsed, _) => frame(parsed, globals =>
        {
            var catalog = Families.Catalog();
            if (parsed.GetValue(list))
            {
                return Task.FromResult(PrintList(globals, catalog));
            }

            if (parsed.GetValue(activity) is { } type)
            {
                var found = catalog.Find(type) ?? throw new WrongRequestException(
                    "ORC5913", $"there is no activity \"{type}\"", help: $"There are: {string.Join(", ", catalog.Activities.Select(one => one.Type))}.");
                return Task.FromResult(PrintOne(globals, catalog, found));
            }

            globals.Console.Out.Write(PipelineSchema.CreateText(catalog));
            return Task.FromResult(ExitCodes.Done);
        }));
        return command;
    }

    private static int PrintList(Globals globals, ActivityCatalog catalog)
    {
        if (globals.Json)
        {
            return Print.Json(globals, catalog.Activities.Select(ToDocument));
        }

        Print.Table(globals, ["ACTIVITY", "TITLE", "WHAT IT DOES"], catalog.Activities.Select(one => new[] { one.Type, one.Title, one.Summary }));
        return ExitCodes.Done;
    }

    private static int PrintOne(Globals globals, ActivityCatalog catalog, ActivityDescriptor activity)
    {
        if (globals.Json)
        {
            return Print.Json(globals, new { activity = ToDocument(activity), schema = PipelineSchema.CreateWith(catalog, activity) });
        }

        var output = globals.Console.Out;
        output.WriteLine($"{activity.Type}: {activity.Title}\n{activity.Summary}\n");
        Print.Table(globals, ["INPUT", "TYPE", "DEFAULT", "HELP"], activity.Inputs.Select(input => new[]
        {
            input.Name, input.TypeName, input.Required ? "(required)" : input.Default?.GetRawText() ?? "", Help(input),
        }));
        output.WriteLine();
        Print.Table(globals, ["OUTPUT", "TYPE", "HELP"], activity.Outputs.Select(one => new[] { one.Name, one.TypeName, one.Help ?? "" }));
        if (activity.Inputs.Any(input => HasShape(input.ValueType)))
        {
            output.WriteLine($"\nWhat {string.Join(", ", activity.Inputs.Where(input => HasShape(input.ValueType)).Select(input => input.TypeName).Distinct())} look like in JSON: orc schema {activity.Type} --json");
        }

        return ExitCodes.Done;
    }

    /// <summary>A type whose name does not say how to write it.</summary>
    private static bool HasShape(Type type) => (ValueTypes.ItemOf(type) ?? Nullable.GetUnderlyingType(type) ?? type) is var item
        && !item.IsPrimitive && item != typeof(string) && item != typeof(TimeSpan) && !item.IsEnum && !ValueTypes.IsJson(item) && !typeof(INamedReference).IsAssignableFrom(item);

    private static string Help(InputDescriptor input) => string.Join(" ", new[]
    {
        input.Help,
        input.Choices.IsEmpty ? null : $"One of: {string.Join(", ", input.Choices)}.",
        input.Minimum is { } low ? $"At least {low}." : null,
        input.Maximum is { } high ? $"At most {high}." : null,
        input.Unit is { } unit ? $"In {unit}." : null,
    }.OfType<string>());

    private static object ToDocument(ActivityDescriptor activity) => new
    {
        type = activity.Type,
        version = activity.Version,
        title = activity.Title,
        summary = activity.Summary,
        category = activity.Category,
        kind = activity.Kind,
        lane = activity.Lane,
        inputs = activity.Inputs.Select(input => new
        {
            name = input.Name, title = input.Title, type = input.TypeName, required = input.Required, @default = input.Default, help = input.Help, hint = input.Hint,
            unit = input.Unit, minimum = input.Minimum, maximum = input.Maximum, choices = input.Choices.IsEmpty ? null : input.Choices.ToArray(),
        }),
        outputs = activity.Outputs.Select(output => new { name = output.Name, title = output.Title, type = output.TypeName, help = output.Help }),
        ports = activity.Ports.ToArray(),
    };
}
