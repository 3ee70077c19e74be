using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Pools;

/// <summary><c>orc pools</c>: slots that attempts of all runs share.</summary>
internal static class PoolCommands
{
    public static Command Create(CommandFrame frame)
    {
        var list = new Command("list", "Lists pools, how many slots they have and how many are taken");
        list.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        var command = new Command("pools", "Slots that limit how many attempts of all runs go on at once") { list, CreateSet(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    private static Command CreateSet(CommandFrame frame)
    {
        var name = new Argument<string>("POOL") { Description = "The name that tasks give as \"pool\"" };
        var size = new Argument<int>("SLOTS") { Description = "How many slots it has; with fewer than are taken, new attempts wait" };
        var command = new Command("set", "Makes a pool, or changes its size") { name, size };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            var (pool, slots) = (parsed.GetValue(name) ?? "", parsed.GetValue(size));
            if (slots < 0 || string.IsNullOrWhiteSpace(pool))
            {
                throw new WrongRequestException("ORC5917", $"a pool \"{pool}\" with {slots} slots cannot be", help: "Give a name, and a number of slots from 0 up; with 0 nothing starts.");
            }

            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            await session.Stores.Pools.SetAsync(pool, slots, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, (await session.Stores.Pools.ListAsync(globals.Time.GetUtcNow(), cancellation)).Single(one => one.Name == pool));
            }

            globals.Console.Out.WriteLine($"pool {pool} has {slots} slot{(slots == 1 ? "" : "s")}");
            return ExitCodes.Done;
        }));
        return command;
    }

    private static async Task<int> ListAsync(Globals globals, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        var pools = await session.Stores.Pools.ListAsync(globals.Time.GetUtcNow(), cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, pools);
        }

        if (pools.Count == 0)
        {
            globals.Console.Out.WriteLine("there is no pool yet; make one with: orc pools set NAME SLOTS");
            return ExitCodes.Done;
        }

        Print.Table(globals, ["POOL", "SLOTS", "TAKEN"], pools.Select(pool => new[] { pool.Name, pool.Size.ToString(CultureInfo.InvariantCulture), pool.Used.ToString(CultureInfo.InvariantCulture) }));
        return ExitCodes.Done;
    }
}
