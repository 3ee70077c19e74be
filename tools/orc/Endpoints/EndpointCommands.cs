using System.CommandLine;
using System.Globalization;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Deployment.Endpoints;

namespace Orchestrator.Cli.Endpoints;

/// <summary><c>orc endpoints</c> and <c>orc rollback</c>: what answers predictions, what answered before, and the way back.</summary>
internal static class EndpointCommands
{
    public static Command Create(CommandFrame frame)
    {
        var list = new Command("list", "Lists endpoints and what answers them");
        list.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        var command = new Command("endpoints", "What answers predictions, and what answered before") { list, CreateShow(frame) };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ListAsync(globals, cancellation)));
        return command;
    }

    public static Command CreateRollback(CommandFrame frame)
    {
        var name = new Argument<string>("ENDPOINT") { Description = "The endpoint to take back" };
        var to = new Option<int?>("--to") { Description = "The version to go back to (default: what the current one took over from)", HelpName = "VERSION" };
        var reason = new Option<string?>("--reason") { Description = "Kept in the endpoint's history" };
        var command = new Command("rollback", "Puts back what answered an endpoint before") { name, to, reason };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenAsync(globals, cancellation);
            var result = await session.Get<EndpointStore>().RollBackAsync(
                new RollbackRequest { Endpoint = parsed.GetValue(name) ?? "", To = parsed.GetValue(to), Reason = parsed.GetValue(reason) }, cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, result);
            }

            globals.Console.Out.WriteLine(result.Changed
                ? $"endpoint {result.Endpoint} answers with {result.Model} version {result.Version} again (before: version {result.Previous})"
                : $"endpoint {result.Endpoint} answers with {result.Model} version {result.Version} already; nothing was changed");
            foreach (var note in result.Notes)
            {
                globals.Console.Out.WriteLine(note);
            }

            return ExitCodes.Done;
        }));
        return command;
    }

    private static async Task<int> ListAsync(Globals globals, CancellationToken cancellation)
    {
        await using var session = await OrcSession.OpenToLookAsync(globals, cancellation);
        var endpoints = await session.Get<EndpointQueries>().ListAsync(cancellation);
        if (globals.Json)
        {
            return Print.Json(globals, endpoints);
        }

        if (endpoints.Count == 0)
        {
            globals.Console.Out.WriteLine("No endpoint yet. A pipeline makes one with model.deploy.");
            return ExitCodes.Done;
        }

        Print.Table(globals, ["ENDPOINT", "MODEL", "VERSION", "SINCE"], endpoints.Select(endpoint => new[]
        {
            endpoint.Name,
            endpoint.Current?.Model ?? "(nothing)",
            endpoint.Current?.Version.ToString(CultureInfo.InvariantCulture) ?? "",
            endpoint.Current is { } current ? Words.Ago(current.At, globals.Time.GetUtcNow()) : "",
        }));
        return ExitCodes.Done;
    }

    private static Command CreateShow(CommandFrame frame)
    {
        var name = new Argument<string>("ENDPOINT") { Description = "An endpoint's name" };
        var command = new Command("show", "Shows what answers an endpoint and everything that did") { name };
        command.SetAction((parsed, cancellation) => frame(parsed, async globals =>
        {
            await using var session = await OrcSession.OpenToLookAsync(globals, cancellation);
            var endpoint = await session.Get<EndpointQueries>().GetAsync(parsed.GetValue(name) ?? "", cancellation);
            if (globals.Json)
            {
                return Print.Json(globals, endpoint);
            }

            Print.Pairs(
                globals,
                ("endpoint", endpoint.Endpoint.Name),
                ("answers with", endpoint.Endpoint.Current is { } current ? $"models:/{current.Model}/{current.Version}" : "nothing"),
                ("rollback goes to", endpoint.RollbackTarget is { } target ? $"models:/{target.Model}/{target.Version}" : "nothing: there is no earlier deployment"));
            globals.Console.Out.WriteLine();
            Print.Table(globals, ["#", "WHAT", "MODEL", "VERSION", "STATUS", "WHEN", "BY", "REASON"], endpoint.History.Select(entry => new[]
            {
                entry.Number.ToString(CultureInfo.InvariantCulture),
                entry.Kind.ToString().ToLowerInvariant(),
                entry.Model,
                entry.Version.ToString(CultureInfo.InvariantCulture),
                entry.Status == DeploymentStatus.RolledBack ? "rolled back" : entry.Status.ToString().ToLowerInvariant(),
                $"{entry.At.ToLocalTime():yyyy-MM-dd HH:mm:ss}",
                entry.Run is { } run ? $"run {run}" : "command",
                entry.Reason ?? "",
            }));
            return ExitCodes.Done;
        }));
        return command;
    }
}
