using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Reading;

/// <summary>Reads <c>pipeline</c> and <c>as</c> of a task: a file, or a pipeline written in place.</summary>
internal static class SubPipelineBinder
{
    public static SubPipelineDefinition? Bind(string task, ObjectReader reader, ReadContext context)
    {
        var found = reader.Find("pipeline");
        var mode = reader.Word("as", SubPipelineMode.Unknown, Words.Kebab<SubPipelineMode>());
        if (found is null)
        {
            if (mode != SubPipelineMode.Unknown)
            {
                reader.Require("pipeline", "\"as\" says how a sub-pipeline runs. Add \"pipeline\", or remove \"as\".");
            }

            return null;
        }

        if (reader.Value.Find("uses") is { } uses)
        {
            reader.Break("uses");
            context.Found.Add(DiagnosticCatalog.WrongShape.At(
                context.NameOf(uses), "two kinds of work", $"task \"{task}\" has both \"uses\" and \"pipeline\"", "Remove one of them, or make it two tasks.", why: "a task's work is done by one activity or by one pipeline"));
        }

        var how = mode == SubPipelineMode.Unknown ? SubPipelineMode.Inline : mode;
        switch (found)
        {
            case JsonTextSyntax path:
                return new SubPipelineDefinition { Path = path.Value, As = how };
            case JsonObjectSyntax when reader.Object("pipeline", "the sub-pipeline") is { } members:
                return new SubPipelineDefinition { Definition = DefinitionBinder.BindMembers(members, context, nameOtherwise: task), As = how };
            default:
                reader.Wrong<object>("pipeline", found, "a file or a pipeline");
                return new SubPipelineDefinition { As = how };
        }
    }
}
