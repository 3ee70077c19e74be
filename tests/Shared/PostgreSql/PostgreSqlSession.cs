using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Tests.Shared;

/// <summary>A session of psql that is spoken to.</summary>
internal sealed class PostgreSqlSession : IDisposable
{
    private const string End = "--said--";

    private readonly Process psql;
    private readonly Task<string> errors;

    public PostgreSqlSession(int port)
    {
        psql = Process.Start(new ProcessStartInfo(
            "psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "postgres"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("psql did not start");
        errors = psql.StandardError.ReadToEndAsync();
    }

    /// <summary>Runs statements and answers their rows, one a line.</summary>
    public string Say(string statements)
    {
        psql.StandardInput.WriteLine($"{statements}\n\\echo {End}");
        psql.StandardInput.Flush();
        var lines = new List<string>();
        while (psql.StandardOutput.ReadLine() is var line && line != End)
        {
            lines.Add(line ?? throw new InvalidOperationException($"psql: {errors.GetAwaiter().GetResult()}"));
        }

        return string.Join('\n', lines).Trim();
    }

    public void Dispose()
    {
        psql.StandardInput.Close();
        psql.WaitForExit();
        psql.Dispose();
    }
}
