using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Tests.Shared;

/// <summary>
/// A PostgreSQL server of the tests of one process: a cluster of its own in a temporary folder, on a free port of the loopback, stopped with the process that started it.
/// Its disk need not survive a power cut (<c>fsync=off</c>), which is all it does differently.
/// </summary>
/// <remarks>The programs come from Debian's package <c>postgresql</c>, which <c>tools/test</c> installs. They refuse to run as root, so root starts them as the user <c>postgres</c>.</remarks>
internal sealed class PostgreSqlServer : IDisposable
{
    private static readonly Lazy<PostgreSqlServer> Started = new(Start);
    private static int schemas;

    private readonly string folder;
    private readonly Process process;
    private int stopped;

    private PostgreSqlServer(string folder, Process process, int port)
    {
        this.folder = folder;
        this.process = process;
        Port = port;
    }

    /// <summary>The server of this process; started by whoever asks first.</summary>
    public static PostgreSqlServer Instance => Started.Value;

    public int Port { get; }

    /// <summary>Stops the server if somebody started it.</summary>
    public static void StopIfStarted()
    {
        if (Started.IsValueCreated)
        {
            Started.Value.Dispose();
        }
    }

    /// <summary>The URL of a new empty schema. Making a schema takes a millisecond, making a database fifty.</summary>
    public string CreateUrl(int? port = null)
    {
        var schema = string.Create(CultureInfo.InvariantCulture, $"t{Environment.ProcessId}_{Interlocked.Increment(ref schemas)}");
        Run($"CREATE SCHEMA {schema}");
        return UrlOf(schema, port);
    }

    public string UrlOf(string schema, int? port = null) =>
        string.Create(CultureInfo.InvariantCulture, $"postgres://postgres@127.0.0.1:{port ?? Port}/postgres?search_path={schema}");

    public void Remove(string url) => Run($"DROP SCHEMA IF EXISTS {SchemaOf(url)} CASCADE");

    public static string SchemaOf(string url) => url[(url.IndexOf("search_path=", StringComparison.Ordinal) + "search_path=".Length)..];

    /// <summary>Runs statements with psql and answers what it printed: tests of other projects have no driver.</summary>
    public string Run(string statements)
    {
        var start = new ProcessStartInfo("psql") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "postgres", "-c", $"SET client_min_messages = error; {statements}" })
        {
            start.ArgumentList.Add(argument);
        }

        using var psql = Process.Start(start) ?? throw new InvalidOperationException("psql did not start");
        psql.StandardInput.Close();
        var errors = psql.StandardError.ReadToEndAsync();
        var output = psql.StandardOutput.ReadToEnd();
        psql.WaitForExit();
        return psql.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"psql: {errors.GetAwaiter().GetResult()}");
    }

    /// <summary>Runs statements in a session that stays open until it is disposed, which undoes what they left open.</summary>
    public IDisposable Hold(string statements)
    {
        var session = new PostgreSqlSession(Port);
        session.Say($"{statements};");
        return session;
    }

    /// <summary>Asks until the answer is this one.</summary>
    public void WaitFor(string query, string answer)
    {
        using var session = new PostgreSqlSession(Port);
        var started = Stopwatch.GetTimestamp();
        for (var last = ""; last != answer; last = session.Say($"{query};"))
        {
            if (Stopwatch.GetElapsedTime(started) > TimeSpan.FromMinutes(1))
            {
                throw new TimeoutException($"{query} answers {last} after a minute, not {answer}");
            }
        }
    }

    public void Dispose()
    {
        // By the fixture of an assembly, and once more when the process ends, should the fixture not have come to it.
        if (Interlocked.Exchange(ref stopped, 1) != 0)
        {
            return;
        }

        if (!process.HasExited)
        {
            // "Fast": sessions are ended, and the server leaves in order.
            using var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
            kill.WaitForExit();
            if (!process.WaitForExit(TimeSpan.FromSeconds(20)))
            {
                process.Kill();
                process.WaitForExit();
            }
        }

        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static PostgreSqlServer Start()
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).FirstOrDefault(bin => File.Exists(Path.Combine(bin, "postgres")))
            : null;
        if (programs is null)
        {
            throw new InvalidOperationException("PostgreSQL is not installed: tools/test does it, or: apt-get install postgresql");
        }

        var folder = Directory.CreateTempSubdirectory("orc-postgres-").FullName;
        var data = Path.Combine(folder, "data");
        if (Environment.UserName == "root")
        {
            Finish(Process.Start("chown", ["postgres", folder]), "chown");
        }

        Finish(AsPostgres(Path.Combine(programs, "initdb"), ["-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]), "initdb");
        for (var tries = 1; ; tries++)
        {
            var port = FreePort();
            var server = AsPostgres(
                Path.Combine(programs, "postgres"),
                [
                    "-D", data, "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-k", folder,
                    "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "log_min_messages=fatal",
                ]);
            if (WaitUntilReady(server, programs, port))
            {
                AppDomain.CurrentDomain.ProcessExit += (_, _) => StopIfStarted();
                return new PostgreSqlServer(folder, server, port);
            }

            if (tries == 3)
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {server.StandardError.ReadToEnd()}");
            }
        }
    }

    /// <summary>False: the server ended, for example because somebody else took the port.</summary>
    private static bool WaitUntilReady(Process server, string programs, int port)
    {
        while (!server.HasExited)
        {
            using var ask = AsPostgres(Path.Combine(programs, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture)]);
            ask.WaitForExit();
            if (ask.ExitCode == 0)
            {
                server.BeginErrorReadLine();
                server.BeginOutputReadLine();
                return true;
            }
        }

        return false;
    }

    private static Process AsPostgres(string program, string[] arguments)
    {
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", program, .. arguments])
            : new ProcessStartInfo(program, arguments);
        start.WorkingDirectory = "/";
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    private static void Finish(Process started, string what)
    {
        using (started)
        {
            var output = started.StartInfo.RedirectStandardOutput ? started.StandardOutput.ReadToEndAsync() : Task.FromResult("");
            var error = started.StartInfo.RedirectStandardError ? started.StandardError.ReadToEnd() : "";
            started.WaitForExit();
            if (started.ExitCode != 0)
            {
                throw new InvalidOperationException($"{what} failed: {output.GetAwaiter().GetResult()}{error}");
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
