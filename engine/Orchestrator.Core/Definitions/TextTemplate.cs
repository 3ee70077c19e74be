using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Orchestrator.Core.Definitions;

/// <summary>
/// Text with expressions in it, written in a script as an interpolated string: what stands in <c>{ }</c> and is an output, a parameter or an expression is filled in
/// when the task runs; any other value is filled in at once.
/// </summary>
[InterpolatedStringHandler]
public sealed class TextTemplate
{
    private readonly StringBuilder text;

    /// <param name="literalLength">Given by the compiler.</param>
    /// <param name="formattedCount">Given by the compiler.</param>
    public TextTemplate(int literalLength, int formattedCount) => text = new StringBuilder(literalLength + (formattedCount * 16));

    /// <summary>What stands in <c>with</c>: <c>auc is ${tasks.compare.candidateScore}</c>.</summary>
    public string Text => text.ToString();

    public void AppendLiteral(string value) => text.Append(value.Replace("${", "$${", StringComparison.Ordinal));

    public void AppendFormatted<T>(T value)
    {
        if (value is not Expr expression)
        {
            AppendLiteral(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }
        else if (text.Length > 0 && text[^1] == '$')
        {
            // A dollar sign right before an expression would read as the escape $${, so it moves into the expression.
            text.Length--;
            text.Append(Templates.Whole(("$" + expression).Text));
        }
        else
        {
            text.Append(Templates.Whole(expression.Text));
        }
    }

    public override string ToString() => Text;
}
