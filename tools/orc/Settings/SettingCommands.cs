using System.CommandLine;
using Orchestrator.Cli.CommandLine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Runtime.Homes;
using Orchestrator.Runtime.Settings;

namespace Orchestrator.Cli.Settings;

/// <summary><c>orc settings</c>: the limits of a home.</summary>
internal static class SettingCommands
{
    public static Command Create(CommandFrame frame)
    {
        var list = new Command("list", "Lists every limit with its value, what it may be, and what it limits");
        list.SetAction((parsed, _) => frame(parsed, globals => Task.FromResult(List(globals))));
        var command = new Command("settings", "Limits of this home: how large, how many, how long") { list, CreateSet(frame), CreateUnset(frame) };
        command.SetAction((parsed, _) => frame(parsed, globals => Task.FromResult(List(globals))));
        return command;
    }

    private static Command CreateSet(CommandFrame frame)
    {
        var name = new Argument<string>("SETTING") { Description = "Its name, as the list has it" };
        var value = new Argument<string>("VALUE") { Description = "A number, a size (256KiB), a duration (30s), or on or off" };
        var command = new Command("set", "Sets a limit; programs that start from now on keep to it") { name, value };
        command.SetAction((parsed, _) => frame(parsed, globals => Task.FromResult(Change(
            globals, parsed.GetValue(name) ?? "", settings => settings.With(parsed.GetValue(name) ?? "", parsed.GetValue(value) ?? "")))));
        return command;
    }

    private static Command CreateUnset(CommandFrame frame)
    {
        var name = new Argument<string>("SETTING") { Description = "Its name, as the list has it" };
        var command = new Command("unset", "Goes back to the usual value of a limit") { name };
        command.SetAction((parsed, _) => frame(parsed, globals => Task.FromResult(Change(
            globals, parsed.GetValue(name) ?? "", settings => settings.Without(parsed.GetValue(name) ?? "")))));
        return command;
    }

    private static int Change(Globals globals, string name, Func<EngineSettings, EngineSettings> change)
    {
        // Before a home is made for it: a wrong name leaves nothing.
        change(EngineSettings.Load(globals.Home));
        using var home = OrcHome.Open(globals.Home);
        var settings = change(EngineSettings.Load(home.Folder));
        settings.Save(home.Folder);
        var row = Row.Of(SettingCatalog.Get(name), settings);
        if (globals.Json)
        {
            return Print.Json(globals, row);
        }

        globals.Console.Out.WriteLine($"{row.Name} is {row.Value}{(row.IsSet ? $" (usually {row.Usual})" : ", as usual")}; what runs already keeps to the value it started with");
        return ExitCodes.Done;
    }

    private static int List(Globals globals)
    {
        var settings = EngineSettings.Load(globals.Home);
        var rows = SettingCatalog.All.Select(setting => Row.Of(setting, settings)).ToArray();
        if (globals.Json)
        {
            return Print.Json(globals, rows);
        }

        Print.Table(
            globals,
            ["SETTING", "VALUE", "USUAL", "FROM", "TO", "WHAT IT LIMITS"],
            rows.Select(row => new[] { row.Name, row.IsSet ? $"{row.Value} *" : row.Value, row.Usual, row.Least, row.Most, $"{row.Limits} ({row.Beyond})" }));
        globals.Console.Out.WriteLine();
        globals.Console.Out.WriteLine("* set in this home. Change one with: orc settings set SETTING VALUE; go back with: orc settings unset SETTING");
        return ExitCodes.Done;
    }

    private sealed record Row(string Name, string Value, bool IsSet, string Usual, string Least, string Most, string Limits, string Beyond)
    {
        public static Row Of(Setting setting, EngineSettings settings) => new(
            setting.Name,
            setting.Write(settings.Value(setting.Name)),
            settings.Set.ContainsKey(setting.Name),
            setting.Write(setting.Usual),
            setting.Write(setting.Least),
            setting.Write(setting.Most),
            setting.Meaning,
            setting.Beyond);
    }
}
