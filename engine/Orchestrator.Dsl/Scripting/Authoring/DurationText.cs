using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Scripting.Authoring;

/// <summary>A duration as a script writes it: <c>"5m"</c>, or a <see cref="TimeSpan"/>. Text that is none is reported where it stands.</summary>
public readonly record struct DurationText
{
    private DurationText(string text) => Text = text;

    internal string Text { get => field ?? ""; }

    public static implicit operator DurationText(string text) => new(text);

    public static implicit operator DurationText(TimeSpan duration) => new(Durations.Format(duration));

    public override string ToString() => Text;
}
