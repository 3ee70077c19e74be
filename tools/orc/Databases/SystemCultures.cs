using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.Cli.Databases;

/// <summary>
/// SQL Server's driver refuses to work without the cultures of the operating system (it finds the code pages of collations by them). This program does without them, so that
/// it starts sooner, needs no ICU, and writes numbers alike everywhere. So they are loaded for commands that name a SQL Server, and used by its driver only.
/// </summary>
internal static class SystemCultures
{
    private static readonly string[] Schemes = ["sqlserver:", "mssql:"];

    /// <summary>Must come before anything that uses a culture: the runtime decides then, once, which ones there are.</summary>
    public static void LoadIfNeeded(string[] arguments)
    {
        if (!NamesSqlServer(Environment.GetEnvironmentVariable("ORC_DB")) && !Array.Exists(arguments, argument => NamesSqlServer(argument) || NamesSqlServer(argument[(argument.IndexOf('=', StringComparison.Ordinal) + 1)..])))
        {
            return;
        }

        // Without ICU the runtime would end the process; with the switch as it was, the dialect says what is missing.
        if (!HasIcu())
        {
            return;
        }

        AppContext.SetSwitch("System.Globalization.Invariant", false);
        AppContext.SetSwitch("System.Globalization.PredefinedCulturesOnly", false);
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
    }

    private static bool NamesSqlServer(string? text) => text is not null && Array.Exists(Schemes, scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>Windows and macOS bring it along; Linux has it under its version.</summary>
    private static bool HasIcu()
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        for (var version = 50; version < 120; version++)
        {
            if (NativeLibrary.TryLoad($"libicuuc.so.{version}", out _))
            {
                return true;
            }
        }

        return false;
    }
}
