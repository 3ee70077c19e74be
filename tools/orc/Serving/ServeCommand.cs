using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Core.Values;

namespace Orchestrator.Cli.Serving;

/// <summary><c>orc serve</c>: the API, and an engine that works on every run of the home. The web server is not loaded before this command runs.</summary>
internal static class ServeCommand
{
    public static Command Create(CommandFrame frame)
    {
        var urls = new Option<string[]>("--urls") { Description = "Where to listen (default: http://127.0.0.1:8080; port 0: one that is free); may be given several times", HelpName = "URL" };
        var pipelines = new Option<string?>("--pipelines") { Description = "A folder of definitions: what is in it is registered, and again when it changes", HelpName = "DIR" };
        var host = new Option<string[]>("--allow-host") { Description = "A name under which the server answers, beside this machine's and those of --urls; may be given several times", HelpName = "NAME" };
        var origin = new Option<string[]>("--allow-origin") { Description = "An origin whose pages may change something, beside the server's own: https://console.example.org; may be given several times", HelpName = "ORIGIN" };
        var authority = new Option<string?>("--oidc-authority") { Description = "An identity provider whose bearer tokens are taken", HelpName = "URL" };
        var audience = new Option<string?>("--oidc-audience") { Description = "The audience that its tokens must be for", HelpName = "NAME" };
        var claim = new Option<string>("--oidc-roles-claim") { Description = "The claim of its tokens that has roles, each as orc:ROLE or orc:PROJECT:ROLE", HelpName = "CLAIM", DefaultValueFactory = _ => "roles" };
        var drain = new Option<string>("--drain-time") { Description = "How long attempts may take to come to their end when the server is stopped", HelpName = "TIME", DefaultValueFactory = _ => "30s" };
        var log = new Option<string?>("--log") { Description = "The form of the log on standard error: text or json (default: text on a terminal, else json)", HelpName = "FORM" };
        log.AcceptOnlyFromAmong("text", "json");
        var command = new Command("serve", "Serves the API and works on runs until it is stopped") { urls, pipelines, host, origin, authority, audience, claim, drain, log };
        command.SetAction((parsed, cancellation) => frame(parsed, globals => ServeMode.RunAsync(
            globals,
            new ServeWish
            {
                Urls = parsed.GetValue(urls) ?? [],
                Pipelines = parsed.GetValue(pipelines),
                Hosts = parsed.GetValue(host) ?? [],
                Origins = parsed.GetValue(origin) ?? [],
                Authority = parsed.GetValue(authority),
                Audience = parsed.GetValue(audience),
                RolesClaim = parsed.GetValue(claim) ?? "roles",
                DrainTime = Durations.TryParse(parsed.GetValue(drain) ?? "", out var time) ? time : throw new WrongRequestException("ORC6065", $"--drain-time is \"{parsed.GetValue(drain)}\", which is no duration", help: "Write it as 30s or 5m."),
                LogAsJson = parsed.GetValue(log) is { } form ? form == "json" : Console.IsErrorRedirected,
            },
            cancellation)));
        return command;
    }
}

/// <summary>What a server was asked to be.</summary>
internal sealed record ServeWish
{
    public required string[] Urls { get; init; }

    public string? Pipelines { get; init; }

    public required string[] Hosts { get; init; }

    public required string[] Origins { get; init; }

    public string? Authority { get; init; }

    public string? Audience { get; init; }

    public required string RolesClaim { get; init; }

    public required TimeSpan DrainTime { get; init; }

    public required bool LogAsJson { get; init; }
}
