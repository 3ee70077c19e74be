using System.Text;
using Orchestrator.Core.Activities;

namespace Orchestrator.Cli.Terminal;

/// <summary>Writes a failure the way all of this program's errors look: what, details, why, help.</summary>
internal static class FailureText
{
    public static string Of(Failure failure, string? where = null)
    {
        var text = new StringBuilder();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"error {failure.Code}: {failure.Message}\n");
        if (where is not null)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"  --> {where}\n");
        }

        foreach (var line in failure.Details)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"   | {line}\n");
        }

        Append(text, "why", failure.Why);
        Append(text, "help", failure.Help);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string label, string? line)
    {
        if (line is not null)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"   = {label}: {line.ReplaceLineEndings("\n     ")}\n");
        }
    }
}
