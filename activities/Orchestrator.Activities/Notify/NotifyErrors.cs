using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Activities.Notify;

/// <summary>What notifications refuse, ORC569x.</summary>
internal static class NotifyErrors
{
    public static ActivityException UnknownLevel(string level) => new(
        "ORC5690",
        $"notify.log has no level \"{level}\"",
        why: "the level decides how the line is marked in logs and summaries",
        help: NearNames.Question(level, ["info", "warning", "error"]) ?? "The levels are info, warning and error.");
}
