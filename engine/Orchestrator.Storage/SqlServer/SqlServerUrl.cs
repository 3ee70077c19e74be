using Microsoft.Data.SqlClient;
using Orchestrator.Storage.Databases;

namespace Orchestrator.Storage.SqlServer;

/// <summary>Reads what follows <c>sqlserver:</c>: <c>//USER:PASSWORD@HOST:PORT/NAME?option=value</c>, or a connection string of the driver.</summary>
internal static class SqlServerUrl
{
    public static SqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            var builder = text.StartsWith("//", StringComparison.Ordinal) ? FromUrl($"sqlserver:{text}") : new SqlConnectionStringBuilder(text);
            return string.IsNullOrEmpty(builder.DataSource)
                ? throw StorageErrors.WrongServerUrl("sqlserver", "it names no server")
                : string.IsNullOrEmpty(builder.InitialCatalog)
                    ? throw StorageErrors.WrongServerUrl("sqlserver", "it names no database")
                    : WithDefaults(builder);
        }
        catch (Exception error) when (error is ArgumentException or UriFormatException or FormatException or InvalidCastException)
        {
            throw StorageErrors.WrongServerUrl("sqlserver", error.Message);
        }
    }

    private static SqlConnectionStringBuilder FromUrl(string url)
    {
        var uri = new Uri(url);
        var host = Uri.UnescapeDataString(uri.Host);
        var builder = new SqlConnectionStringBuilder
        {
            DataSource = uri.Port > 0 ? FormattableString.Invariant($"{host},{uri.Port}") : host,
            InitialCatalog = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')),
        };
        if (uri.UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password])
        {
            builder.UserID = Uri.UnescapeDataString(user);
            builder.Password = Uri.UnescapeDataString(password);
        }
        else if (uri.UserInfo.Length == 0)
        {
            builder.IntegratedSecurity = true;
        }
        else
        {
            throw new FormatException("it names a user and no password");
        }

        foreach (var option in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = option.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : throw new FormatException($"the option \"{option}\" has no value");
            builder[Uri.UnescapeDataString(key).Replace('_', ' ')] = value;
        }

        return builder;
    }

    /// <summary>What the program wants and the user did not decide.</summary>
    private static SqlConnectionStringBuilder WithDefaults(SqlConnectionStringBuilder builder)
    {
        if (!builder.ShouldSerialize("Application Name"))
        {
            builder.ApplicationName = "orc";
        }

        if (!builder.ShouldSerialize("Max Pool Size"))
        {
            builder.MaxPoolSize = 32;
        }

        builder.MultipleActiveResultSets = false;
        builder.Enlist = false;
        // Trying again is done where it is known what was stored.
        builder.ConnectRetryCount = 0;
        return builder;
    }
}
