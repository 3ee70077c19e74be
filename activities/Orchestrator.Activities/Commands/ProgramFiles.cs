using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Activities.Commands;

/// <summary>The files and variables through which a program and its task talk: inputs and outputs as JSON, in the attempt's working folder.</summary>
/// <param name="Folder">The working folder as the program sees it, which in a container is another path.</param>
internal sealed record ProgramFiles(string Folder)
{
    private const string InputsName = "orc-inputs.json", OutputsName = "orc-outputs.json";

    public static async Task<ProgramFiles> WriteAsync(ActivityContext context, JsonElement? inputs, string? seenAs = null)
    {
        // Beside ORC_WORK's own files, under names that a program hardly uses itself.
        await File.WriteAllTextAsync(Path.Combine(context.WorkingDirectory, InputsName), inputs?.GetRawText() ?? "{}", context.Cancellation);
        return new ProgramFiles(seenAs ?? context.WorkingDirectory);
    }

    /// <summary>What every program is told of its attempt.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Variables(ActivityContext context)
    {
        var attempt = context.Attempt;
        yield return new("ORC_INPUTS", $"{Folder}{Path.DirectorySeparatorChar}{InputsName}");
        yield return new("ORC_OUTPUTS", $"{Folder}{Path.DirectorySeparatorChar}{OutputsName}");
        yield return new("ORC_RUN", attempt.Run.Value);
        yield return new("ORC_TASK", attempt.Task.Value);
        yield return new("ORC_INDEX", attempt.MapIndex?.ToString(CultureInfo.InvariantCulture));
        yield return new("ORC_ATTEMPT", attempt.Number.ToString(CultureInfo.InvariantCulture));
        yield return new("ORC_KEY", context.IdempotencyKey);
        yield return new("ORC_WORK", Folder);
    }

    /// <summary>The JSON that the program wrote; null when it wrote none.</summary>
    /// <exception cref="ActivityException">Too large (ORC5607), not JSON (ORC5606), or without a name that the task declares (ORC5608).</exception>
    public static async Task<JsonElement?> ReadOutputsAsync(ActivityContext context, string program, IEnumerable<string> declared)
    {
        var path = Path.Combine(context.WorkingDirectory, OutputsName);
        JsonElement? result = null;
        if (new FileInfo(path) is { Exists: true, Length: > 0 and var bytes })
        {
            if (bytes > context.MaxOutputBytes)
            {
                throw CommandErrors.OutputsTooLarge(program, bytes, context.MaxOutputBytes);
            }

            try
            {
                // Through a text, so that a byte order mark, which some programs write, is taken off.
                result = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(path, context.Cancellation), OrcJson.Options);
            }
            catch (JsonException wrong)
            {
                throw CommandErrors.OutputsNotJson(program, wrong.Message);
            }
        }

        List<string> given = result is { ValueKind: JsonValueKind.Object } members ? [.. members.EnumerateObject().Select(member => member.Name)] : [];
        return declared.FirstOrDefault(name => !given.Contains(name)) is { } missing ? throw CommandErrors.OutputMissing(program, missing, given) : result;
    }
}
