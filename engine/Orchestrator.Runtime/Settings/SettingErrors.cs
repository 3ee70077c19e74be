using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Settings;

/// <summary>What is wrong with settings. 512x.</summary>
public static class SettingErrors
{
    internal static ActivityException NoSuchSetting(string name) => new(
        "ORC5120", $"there is no setting \"{name}\"", help: NearNames.Question(name, SettingCatalog.All.Select(setting => setting.Name)) ?? "`orc settings` lists all of them.");

    internal static ActivityException NotAValue(Setting setting, string text) => new(
        "ORC5121",
        $"setting {setting.Name} cannot be \"{Shorten(text)}\"",
        why: $"it limits {setting.Meaning}",
        help: setting.Unit switch
        {
            SettingUnit.Size => "Write a size: 256KiB, 64MiB or 2GB.",
            SettingUnit.Duration => "Write a duration: 500ms, 30s, 5m or 1h.",
            SettingUnit.Switch => "Write on or off.",
            _ => "Write a whole number.",
        });

    internal static ActivityException OutOfBounds(Setting setting, string text) => new(
        "ORC5122",
        $"setting {setting.Name} cannot be {Shorten(text)}: it may be {setting.Write(setting.Least)} to {setting.Write(setting.Most)}",
        why: $"it limits {setting.Meaning}",
        help: $"The usual value is {setting.Write(setting.Usual)}; `orc settings unset {setting.Name}` goes back to it.");

    internal static ActivityException Unreadable(string path, string why) => new(
        "ORC5123", $"cannot understand the settings in {path}: {why}", help: "Correct the file, or delete it to go back to the usual values; `orc settings set NAME VALUE` writes it anew.");

    internal static ActivityException NotWritten(string path, Exception inner) => new(
        new Failure { Code = "ORC5124", Kind = FailureKind.Infrastructure, Message = $"cannot write the settings {path}: {inner.Message}", Help = "Check its owner, its permissions and the room on its disk; what was set before still holds." },
        inner);

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
