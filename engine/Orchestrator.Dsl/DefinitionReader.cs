using System.Globalization;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;
using Orchestrator.Dsl.Reading;
using Orchestrator.Dsl.Validation;

namespace Orchestrator.Dsl;

/// <summary>Reads pipelines that are written in JSON. Comments and trailing commas are allowed.</summary>
public static class DefinitionReader
{
    /// <summary>Reads, checks and normalises a pipeline, and reports everything that is wrong with it. Sub-pipelines in other files are for <see cref="PipelineFiles"/>.</summary>
    /// <param name="source">The file.</param>
    /// <param name="catalog">The activities there are.</param>
    /// <param name="options">The limits.</param>
    public static DefinitionResult Read(SourceText source, ActivityCatalog catalog, ReadOptions? options = null)
    {
        options ??= ReadOptions.Default;
        var context = new ReadContext(source, new DiagnosticBag());
        var (root, reliable) = JsonParser.Parse(source, options, context.Found);
        if (root is null || !reliable || DefinitionBinder.Bind(root, context) is not { } definition)
        {
            return new DefinitionResult { Diagnostics = context.Found.ToSorted() };
        }

        return Check(definition, catalog, new JsonSourceMap(source, root), options, context);
    }

    /// <summary>The same, with the files that the pipeline names.</summary>
    internal static async Task<DefinitionResult> ReadAsync(SourceText source, ActivityCatalog catalog, IPipelineIncludes includes, ReadOptions options)
    {
        var context = new ReadContext(source, new DiagnosticBag());
        var (root, reliable) = JsonParser.Parse(source, options, context.Found);
        if (root is null || !reliable || DefinitionBinder.Bind(root, context) is not { } definition)
        {
            return new DefinitionResult { Diagnostics = context.Found.ToSorted() };
        }

        var map = new JsonSourceMap(source, root);
        definition = await includes.IncludeAsync(definition, map, context.Found, context.Broken);
        return Check(definition, catalog, map, options, context);
    }

    private static DefinitionResult Check(PipelineDefinition definition, ActivityCatalog catalog, SourceMap map, ReadOptions options, ReadContext context)
    {
        context.Found.AddRange(DefinitionValidator.Validate(definition, catalog, map, options, context.Broken));
        return new DefinitionResult
        {
            Definition = context.Found.HasErrors ? null : DefinitionNormalizer.Normalize(definition, catalog),
            Diagnostics = context.Found.ToSorted(),
        };
    }

    /// <summary>Refuses a file by its size alone, so that one of many gigabytes need not be read for that; null when it may be small enough.</summary>
    public static Diagnostic? RefuseSize(string name, long bytes, ReadOptions? options = null)
    {
        options ??= ReadOptions.Default;
        // No encoding that is read takes more than four bytes for a character.
        return bytes / 4 > options.MaxCharacters
            ? JsonParser.TooLarge(new SourceText(name, ""), string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"), options)
            : null;
    }

    /// <summary>Reads the stored JSON of a definition that was checked when it was registered: fast, without the activities.</summary>
    /// <exception cref="ActivityException">The text is not a definition (ORC5007).</exception>
    public static PipelineDefinition Load(string storedJson)
    {
        var context = new ReadContext(new SourceText("<stored definition>", storedJson), new DiagnosticBag());
        var (root, _) = JsonParser.Parse(context.Source, ReadOptions.Stored, context.Found);
        var definition = root is null ? null : DefinitionBinder.Bind(root, context);
        return definition is not null && !context.Found.HasErrors
            ? definition
            : throw new ActivityException(new Failure
            {
                Code = "ORC5007",
                Kind = FailureKind.Infrastructure,
                Message = "the stored definition of this pipeline cannot be read",
                Why = "it was changed by hand, or written by a newer version of this program",
                Help = "Register the pipeline again from its file.",
                Details = [.. context.Found.ToSorted().Select(diagnostic => diagnostic.ToString())],
            });
    }
}
