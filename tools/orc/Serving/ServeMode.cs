using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting.Systemd;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Composition;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Activities;
using Orchestrator.Runtime.Artifacts;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Secrets;
using Orchestrator.Runtime.Settings;
using Orchestrator.Server.Access;
using Orchestrator.Server.Hosting;

namespace Orchestrator.Cli.Serving;

/// <summary>The program as a server. Only this file speaks of the web server, so that no other command loads it: those that go through one know its documents and no more.</summary>
internal static class ServeMode
{
    public static async Task<int> RunAsync(Globals globals, ServeWish wish, CancellationToken cancellation)
    {
        var options = OptionsOf(wish) with { DatabaseUrl = globals.Database };
        await using var session = await OrcSession.OpenAsync(globals, cancellation);
        if (ServerAddress.Find(session.Home.Folder) is { } other)
        {
            throw new WrongRequestException(
                "ORC6066", $"a server serves this home already: {other.Url}", why: "two on one machine would share its cores and its ports for nothing", help: "Use that one, or stop it first. Another home: --home DIR.");
        }

        await using var engine = session.CreateEngine();
        await using var server = await OrcServer.StartAsync(
            new ServerParts
            {
                Home = session.Home,
                Database = session.Database,
                Stores = session.Stores,
                Engine = engine,
                Activities = session.Get<ActivityCatalog>(),
                Artifacts = session.Get<ArtifactStore>(),
                Logs = session.Logs,
                Scripts = Families.Scripts(session.Home.CacheFolder, EngineSettings.Load(session.Home.Folder), session.Get<ActivityCatalog>()),
                Assets = ServedFamilies.Of(session),
                Secrets = session.Get<SecretVault>(),
                Channels = session.Channels,
                Retention = session.Retention,
                Time = globals.Time,
            },
            options,
            cancellation);
        using var stop = new StopSignals(globals.Console);
        Tell(globals, session.Home, server);
        // Of use only below systemd, which then knows when it serves and when it comes to its end.
        var systemd = new SystemdNotifier();
        systemd.Notify(ServiceState.Ready);
        await stop.Asked.WaitAsync(cancellation);
        systemd.Notify(ServiceState.Stopping);
        await server.DrainAsync(stop.Hurry);
        return ExitCodes.Done;
    }

    private static ServerOptions OptionsOf(ServeWish wish)
    {
        if (wish.Authority is null != wish.Audience is null)
        {
            throw new WrongRequestException(
                "ORC6067", "--oidc-authority and --oidc-audience go together", why: "without an audience, tokens that were made for another program would be taken", help: "Give both, or neither.");
        }

        if (wish.Authority is { } authority && !Uri.TryCreate(authority, UriKind.Absolute, out _))
        {
            throw new WrongRequestException("ORC6068", $"--oidc-authority is \"{authority}\", which is no address", help: "Write the issuer's address: https://login.example.org/realms/ml");
        }

        return new ServerOptions
        {
            Urls = wish.Urls.Length == 0 ? [ServerOptions.UsualUrl] : wish.Urls,
            PipelinesFolder = wish.Pipelines,
            AllowedHosts = wish.Hosts,
            AllowedOrigins = wish.Origins,
            Oidc = wish is { Authority: { } issuer, Audience: { } audience } ? new OidcOptions { Authority = issuer, Audience = audience, RolesClaim = wish.RolesClaim } : null,
            Owner = Environment.UserName,
            DrainTime = wish.DrainTime,
            Telemetry = TelemetryAddress(),
            LogAsJson = wish.LogAsJson,
        };
    }

    private static Uri? TelemetryAddress() => Globals.Variable("OTEL_EXPORTER_OTLP_ENDPOINT") is not { } telemetry ? null
        : Uri.TryCreate(telemetry, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new WrongRequestException(
            "ORC6094", $"OTEL_EXPORTER_OTLP_ENDPOINT is \"{telemetry}\", which is no http or https address", why: "traces and metrics would go nowhere, and nobody would know", help: "Write the collector's address: http://localhost:4317 (with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf http://localhost:4318), or unset the variable.");

    private static void Tell(Globals globals, OrcHome home, OrcServer server)
    {
        if (globals.Json)
        {
            Print.Json(globals, new { home = home.Folder, addresses = server.Addresses, signIn = server.SignInLink });
        }
        else
        {
            globals.Console.Out.WriteLine($"serving {home.Folder} at {string.Join(" and ", server.Addresses)}");
            globals.Console.Out.WriteLine(server.SignInLink is { } link
                ? $"nobody has signed in yet; this link does, once and within 15 minutes: {link}"
                : "to sign in: orc keys sign-in; for programs: orc keys create");
        }

        globals.Console.Out.Flush();
    }

    /// <summary>SIGTERM and SIGINT: the first lets work come to its end, the second asks it to stop.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource hurry = new();
        private readonly PosixSignalRegistration[] signals;
        private readonly CliConsole console;

        public StopSignals(CliConsole console)
        {
            this.console = console;
            signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear)];
        }

        public Task Asked => asked.Task;

        public CancellationToken Hurry => hurry.Token;

        public void Dispose()
        {
            foreach (var signal in signals)
            {
                signal.Dispose();
            }

            hurry.Dispose();
        }

        private void Hear(PosixSignalContext context)
        {
            context.Cancel = true;
            if (asked.TrySetResult())
            {
                console.Error.WriteLine("stopping: what runs comes to its end, and the rest is left to the next start; once more to stop it now");
            }
            else
            {
                hurry.Cancel();
            }
        }
    }
}
