using System.Globalization;
using Orchestrator.Core.Values;

namespace Orchestrator.Runtime.Settings;

/// <summary>In what a setting is counted, and so how it is written.</summary>
public enum SettingUnit
{
    Unknown = 0,

    /// <summary>A whole number: 20000.</summary>
    Count,

    /// <summary>A size: 256KiB. The value is bytes.</summary>
    Size,

    /// <summary>A duration: 30s. The value is milliseconds.</summary>
    Duration,

    /// <summary>on or off. The value is 1 or 0.</summary>
    Switch,
}

/// <summary>A limit that a home can change.</summary>
public sealed record Setting
{
    public required string Name { get; init; }

    public required SettingUnit Unit { get; init; }

    /// <summary>What holds when nobody has set it. Null: no limit.</summary>
    public required long? Usual { get; init; }

    /// <summary>The least and the most that it may be set to, both included.</summary>
    public required long Least { get; init; }

    public required long Most { get; init; }

    /// <summary>What it limits, in one sentence.</summary>
    public required string Meaning { get; init; }

    /// <summary>What happens to what exceeds it: a code, or words.</summary>
    public required string Beyond { get; init; }

    /// <summary>The value of a text; null when it is none of this unit.</summary>
    public long? Read(string text) => Unit switch
    {
        SettingUnit.Count => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) ? count : null,
        SettingUnit.Size => Sizes.TryParse(text, out var bytes) ? bytes : null,
        SettingUnit.Duration => Durations.TryParse(text, out var duration) ? (long)duration.TotalMilliseconds : null,
        SettingUnit.Switch => text switch { "on" => 1, "off" => 0, _ => null },
        _ => throw new ArgumentOutOfRangeException(nameof(text), Unit, "not a unit"),
    };

    /// <summary>A value as <see cref="Read"/> takes it back.</summary>
    public string Write(long? value) => (Unit, value) switch
    {
        (_, null) => "none",
        (SettingUnit.Size, { } bytes) => Sizes.Format(bytes),
        (SettingUnit.Duration, { } milliseconds) => Durations.Format(TimeSpan.FromMilliseconds(milliseconds)),
        (SettingUnit.Switch, { } isOn) => isOn == 1 ? "on" : "off",
        (_, { } count) => count.ToString(CultureInfo.InvariantCulture),
    };
}
