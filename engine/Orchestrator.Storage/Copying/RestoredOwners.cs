using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.Copying;

/// <summary>
/// Makes a restored database nobody's: those who worked on its runs work on the database that it was taken of, if they live at all. Each run gets a new epoch, so that whatever they would still
/// write is refused, and is then taken up like that of a process that died.
/// </summary>
public static class RestoredOwners
{
    private static readonly string[] Steps = ["release_runs", "free_slots", "empty_lines", "end_duties"];

    private static readonly SqlTexts Sql = SqlTexts.Load(typeof(RestoredOwners).Assembly, "Copying", "restored");

    /// <returns>The runs that go on when somebody works on them.</returns>
    public static Task<IReadOnlyList<string>> ForgetAsync(OrcDatabase database, CancellationToken cancellation) => database.WriteAsync(
        async (session, token) =>
        {
            foreach (var statement in Steps)
            {
                await session.ExecuteAsync(Sql[statement], cancellation: token);
            }

            return await session.QueryAsync<string>(Sql["list_unfinished"], null, token);
        },
        cancellation);
}
