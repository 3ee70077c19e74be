using System.Text.Json;
using Orchestrator.Assets.Datasets;
using Orchestrator.Core.Values;
using Orchestrator.Storage.Databases;
using Orchestrator.Storage.Facts;
using Orchestrator.Storage.Schedules;

namespace Orchestrator.Data.Catalog;

/// <summary>Stores that a dataset version exists.</summary>
internal sealed class DatasetVersionHandler : IFactHandler
{
    public string Kind => DatasetVersionFact.Kind;

    public async Task ApplyAsync(IWriteSession session, FactContext context, JsonElement fact, CancellationToken cancellation)
    {
        var version = OrcJson.FromElement<DatasetVersionFact>(fact);
        var row = new
        {
            name = version.Dataset.Name,
            version = version.Dataset.Version,
            reference = OrcJson.ToElement(version.Dataset),
            source = version.Source,
            profile = OrcJson.ToElement(version.Profile),
            rows = version.Dataset.Rows,
            columns = version.Dataset.Columns.Count,
            run_id = context.Attempt.Run,
            task = context.Attempt.Task,
            attempt_id = context.Attempt.Id,
            now = context.Now,
        };
        await session.ExecuteAsync(DatasetCatalog.Texts["add_dataset"], row, cancellation);
        var isNew = await session.FindAsync<long>(DatasetCatalog.Texts["has_version"], row, cancellation) == 0;
        await session.ExecuteAsync(DatasetCatalog.Texts["add_version"], row, cancellation);
        if (isNew)
        {
            // The same bytes seen again are no update.
            var happened = new
            {
                dataset = version.Dataset.Name, version = version.Dataset.Version, part = version.Dataset.Part, rows = version.Dataset.Rows, columns = version.Dataset.Columns.Count, source = version.Source,
            };
            await Signals.AddAsync(session, Signals.DatasetUpdated, version.Dataset.Name, happened, context.Now, cancellation);
        }
    }
}

/// <summary>Stores that a dataset version was judged.</summary>
internal sealed class ValidationHandler : IFactHandler
{
    public string Kind => ValidationFact.Kind;

    public async Task ApplyAsync(IWriteSession session, FactContext context, JsonElement fact, CancellationToken cancellation)
    {
        var validation = OrcJson.FromElement<ValidationFact>(fact);
        var row = new
        {
            name = validation.Dataset.Name,
            version = validation.Dataset.Version,
            part = validation.Dataset.Part,
            passed = validation.Passed,
            errors = validation.ErrorCount,
            warnings = validation.WarningCount,
            result = OrcJson.ToElement(validation.Result),
            pipeline = context.Attempt.Pipeline,
            run_id = context.Attempt.Run,
            task = context.Attempt.Task,
            attempt_id = context.Attempt.Id,
            now = context.Now,
        };
        await session.ExecuteAsync(DatasetCatalog.Texts["add_validation"], row, cancellation);
    }
}
