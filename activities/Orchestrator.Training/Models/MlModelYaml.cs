using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Orchestrator.Assets.Datasets;
using Orchestrator.Assets.Models;

namespace Orchestrator.Training.Models;

/// <summary>The <c>MLmodel</c> file that MLflow and its clients look for at the root of a model. Other tools ignore a flavor that they do not know.</summary>
internal static class MlModelYaml
{
    /// <summary>The version of the library that trained, <c>5.0.1</c>.</summary>
    public static string LibraryVersion => typeof(MLContext).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    public static string Write(ModelBundle bundle)
    {
        // The time of making and a random id would make equal models differ; the id is the model's hash instead, and MLflow does without the time.
        var yaml = new StringBuilder()
            .Append("artifact_path: model\n")
            .Append("flavors:\n")
            .Append("  mlnet:\n")
            .Append("    data: ").Append(bundle.Model.FileName).Append('\n')
            .Append("    features: ").Append(ModelBundle.FeaturesFile).Append('\n')
            .Append("    mlnet_version: ").Append(LibraryVersion).Append('\n')
            .Append("model_uuid: ").Append(Convert.ToHexStringLower(SHA256.HashData(bundle.Model.Content))[..32]).Append('\n')
            .Append("signature:\n")
            .Append("  inputs: ").Append(Quote(Columns(bundle.Signature.Features))).Append('\n')
            .Append("  outputs: ").Append(Quote(Outputs(bundle.Signature))).Append('\n')
            .Append("  params: null\n");
        return yaml.ToString();
    }

    private static string Columns(IEnumerable<ColumnInfo> columns) => JsonSerializer.Serialize(columns.Select(column => new Dictionary<string, object>
    {
        ["type"] = TypeOf(column.Type),
        ["name"] = column.Name,
        ["required"] = true,
    }));

    private static string Outputs(ModelSignature signature) => signature.Task == ModelTask.Regression
        ? JsonSerializer.Serialize(new[] { new Dictionary<string, object> { ["type"] = "double", ["name"] = signature.Label, ["required"] = true } })
        : JsonSerializer.Serialize(signature.Classes.Select(name => new Dictionary<string, object> { ["type"] = "double", ["name"] = name, ["required"] = true }));

    /// <summary>MLflow's names of column types.</summary>
    private static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Integer => "long",
        ColumnType.Boolean => "boolean",
        ColumnType.Text => "string",
        ColumnType.Date or ColumnType.Timestamp => "datetime",
        _ => "double",
    };

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
