using System.Globalization;
using Npgsql;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.PostgreSql;

/// <summary>Reads what follows <c>postgres:</c>: <c>//USER:PASSWORD@HOST:PORT/NAME?option=value</c> as PostgreSQL's own programs take it, or a connection string of the driver.</summary>
internal static class PostgreSqlUrl
{
    /// <summary>
    /// A program that is stopped or cut off in the middle of a transaction holds its locks until the server ends it, so the server does: before the lease of the program's runs
    /// is over, and long after any transaction of ours, which waits for nothing but the server.
    /// </summary>
    private const string EndIdleTransactions = "-c idle_in_transaction_session_timeout=20s";

    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            var builder = text.StartsWith("//", StringComparison.Ordinal) ? FromUrl($"postgres:{text}") : new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrEmpty(builder.Host)
                ? throw StorageErrors.WrongServerUrl("postgres", "it names no host")
                : string.IsNullOrEmpty(builder.Database)
                    ? throw StorageErrors.WrongServerUrl("postgres", "it names no database")
                    : WithDefaults(builder);
        }
        catch (Exception error) when (error is ArgumentException or UriFormatException or FormatException or InvalidCastException or OverflowException)
        {
            throw StorageErrors.WrongServerUrl("postgres", error.Message);
        }
    }

    private static NpgsqlConnectionStringBuilder FromUrl(string url)
    {
        var uri = new Uri(url);
        var builder = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(uri.Host), Database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')) };
        if (uri.Port > 0)
        {
            builder.Port = uri.Port;
        }

        var (user, password) = uri.UserInfo.Split(':', 2) is [var name, var secret] ? (name, secret) : (uri.UserInfo, null);
        builder.Username = user.Length > 0 ? Uri.UnescapeDataString(user) : Environment.UserName;
        builder.Password = password is null ? null : Uri.UnescapeDataString(password);
        foreach (var option in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = option.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : throw new FormatException($"the option \"{option}\" has no value");
            Set(builder, Uri.UnescapeDataString(key), value);
        }

        return builder;
    }

    /// <summary>Options by libpq's names where they have one, else by the driver's.</summary>
    private static void Set(NpgsqlConnectionStringBuilder builder, string key, string value)
    {
        switch (key.ToLowerInvariant())
        {
            // A folder with the server's socket, as libpq takes it.
            case "host":
                builder.Host = value;
                break;
            case "sslmode":
                builder["SSL Mode"] = value.Replace("-", "", StringComparison.Ordinal);
                break;
            case "application_name":
                builder.ApplicationName = value;
                break;
            case "search_path":
                builder.SearchPath = value;
                break;
            case "connect_timeout":
                builder.Timeout = int.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "sslrootcert":
                builder.RootCertificate = value;
                break;
            default:
                builder[key.Replace('_', ' ')] = value;
                break;
        }
    }

    /// <summary>What the program wants and the user did not decide.</summary>
    private static NpgsqlConnectionStringBuilder WithDefaults(NpgsqlConnectionStringBuilder builder)
    {
        builder.ApplicationName ??= "orc";
        if (!builder.ShouldSerialize("Maximum Pool Size"))
        {
            builder.MaxPoolSize = 32;
        }

        if (!builder.ShouldSerialize("Max Auto Prepare"))
        {
            // 0 in the connection string is for poolers that hand a connection to another client between transactions.
            builder.MaxAutoPrepare = 100;
            builder.AutoPrepareMinUsages = 2;
        }

        // Such poolers refuse settings of a session, too.
        if (!builder.ShouldSerialize("Options") && builder.MaxAutoPrepare > 0)
        {
            builder.Options = EndIdleTransactions;
        }

        // A server that is gone without a word is noticed when nothing comes for so long.
        if (!builder.ShouldSerialize("Keepalive"))
        {
            builder.KeepAlive = 15;
        }

        // Values, for example of secrets that are still sealed, stay out of error messages; the driver says so itself when it leaves them out.
        builder.IncludeErrorDetail = false;
        // Names the statement of a batch that failed.
        builder.IncludeFailedBatchedCommand = true;
        builder.Enlist = false;
        return builder;
    }
}
