using System.Globalization;
using System.Net;
using System.Text;

namespace Orchestrator.Data.Validation;

/// <summary>A validation as one page without scripts or outside files, to open from disk or the console.</summary>
internal static class ValidationPage
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1d2733; background: #fff }
        h1 { font-size: 1.4rem } .sum { font-size: 1.1rem } .ok { color: #1a7f4b } .error { color: #b3261e } .warn { color: #8a5a00 }
        table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem } th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #e3e8ee; vertical-align: top }
        th { font-weight: 600; background: #f5f7fa } td.n { text-align: right; font-variant-numeric: tabular-nums } code { font-family: ui-monospace, monospace; font-size: .92em }
        .scroll { overflow-x: auto } .null { color: #8b97a5 }
        """;

    public static string Render(ValidationReport report)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Validation of {Text(report.Dataset.Name)}</title><style>{Style}</style></head><body>\n");
        page.Append(CultureInfo.InvariantCulture, $"<h1>Validation of {Text(report.Dataset.Name)}</h1>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p>version <code>{Text(report.Dataset.Version[..Math.Min(12, report.Dataset.Version.Length)])}</code>{(report.Dataset.Part is { } part ? $", part {Text(part)}" : "")}, {report.Dataset.Rows} rows, {report.Dataset.Columns.Count} columns</p>\n");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"sum {(report.Passed ? "ok" : "error")}\">{Summary(report)}</p>\n");
        page.Append("<table><tr><th></th><th>Rule</th><th>Disobey</th><th>Of</th><th>Rate</th><th>Seen</th></tr>\n");
        foreach (var result in report.Results.OrderBy(result => result.Passed))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"{Class(result)}\">{Word(result)}</td><td><code>{Text(result.Rule.Text)}</code></td><td class=\"n\">{result.Disobeyed}</td><td class=\"n\">{result.Judged}</td><td class=\"n\">{(result.Judged is null ? "" : ValidationReport.Percent(result.Rate))}</td><td>{Text(result.Note ?? "")}</td></tr>\n");
        }

        page.Append("</table>\n");
        foreach (var result in report.Results.Where(result => result.Examples.Count > 0).OrderBy(result => result.Passed))
        {
            Examples(page, report, result);
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void Examples(StringBuilder page, ValidationReport report, RuleResult result)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2 class=\"{Class(result)}\"><code>{Text(result.Rule.Text)}</code></h2><p>The first {result.Examples.Count} of {result.Disobeyed} rows; the header is not counted.</p>\n<div class=\"scroll\"><table><tr><th>row</th>");
        foreach (var column in report.Dataset.Columns)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th>{Text(column.Name)}</th>");
        }

        page.Append("</tr>\n");
        foreach (var row in result.Examples)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"n\">{row.Row}</td>");
            foreach (var value in row.All)
            {
                page.Append(value is null ? "<td class=\"null\">null</td>" : $"<td>{Text(value.Length > 200 ? value[..197] + "..." : value)}</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    private static string Summary(ValidationReport report)
    {
        var held = report.Results.Count(result => result.Passed);
        return $"{held} of {report.Results.Count} rules hold; {report.Errors.Count} broken, {report.Warnings.Count} warned about.";
    }

    private static string Class(RuleResult result) => result.Passed ? "ok" : result.Rule.Severity == Severity.Error ? "error" : "warn";

    private static string Word(RuleResult result) => result.Passed ? "holds" : result.Rule.Severity == Severity.Error ? "broken" : "warning";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
