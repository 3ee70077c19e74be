using System.Net;

namespace Orchestrator.Training.Evaluation.Report;

/// <summary>A report as one HTML file that needs nothing from outside: no script, no font, no picture. Readable in light, dark and on paper.</summary>
internal static class Page
{
    /// <summary>A whole document.</summary>
    /// <param name="title">Plain text.</param>
    /// <param name="lead">One or two sentences under the title, as HTML.</param>
    /// <param name="sections">HTML, in order.</param>
    public static string Document(string title, string lead, IEnumerable<string> sections) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{Text(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <main>
        <header>
        <h1>{Text(title)}</h1>
        <p class="lead">{lead}</p>
        </header>
        {string.Join("\n", sections)}
        </main>
        </body>
        </html>

        """;

    /// <summary>A titled card.</summary>
    /// <param name="title">Plain text.</param>
    /// <param name="howToRead">One sentence of plain text for somebody who sees such a thing for the first time; null: it speaks for itself.</param>
    /// <param name="body">HTML.</param>
    /// <param name="wide">True: over the page's whole width.</param>
    public static string Card(string title, string? howToRead, string body, bool wide = false) => $"""
        <section class="card{(wide ? " wide" : "")}">
        <h2>{Text(title)}</h2>
        {body}
        {(howToRead is null ? "" : $"<p class=\"how\">{Text(howToRead)}</p>")}
        </section>
        """;

    public static string Grid(params IEnumerable<string> cards) => $"<div class=\"grid\">\n{string.Join("\n", cards)}\n</div>";

    /// <summary>A row of numbers to see first.</summary>
    public static string Tiles(IEnumerable<(string Name, string Value, string? Note)> tiles) =>
        $"<dl class=\"tiles\">{string.Concat(tiles.Select(tile => $"<div><dt>{Text(tile.Name)}</dt><dd>{Text(tile.Value)}{(tile.Note is null ? "" : $"<small>{Text(tile.Note)}</small>")}</dd></div>"))}</dl>";

    /// <summary>A warning that belongs above everything else.</summary>
    public static string Note(string html) => $"<p class=\"note\" role=\"note\">{html}</p>";

    /// <summary>A table. The first cell of each row is its header.</summary>
    /// <param name="caption">Plain text for those who do not see the card's title.</param>
    /// <param name="columns">Plain text; all empty: the table has no head.</param>
    /// <param name="rows">HTML cells.</param>
    public static string Table(string caption, IReadOnlyList<string> columns, IEnumerable<TableRow> rows) => $"""
        <div class="scroll"><table>
        <caption>{Text(caption)}</caption>
        {(columns.Any(column => column.Length > 0) ? $"<thead><tr>{string.Concat(columns.Select(column => $"<th scope=\"col\">{Text(column)}</th>"))}</tr></thead>" : "")}
        <tbody>
        {string.Join("\n", rows.Select(row => $"<tr{(row.Marked ? " class=\"marked\"" : "")}><th scope=\"row\">{row.Cells[0]}</th>{string.Concat(row.Cells.Skip(1).Select(cell => $"<td>{cell}</td>"))}</tr>"))}
        </tbody></table></div>
        """;

    /// <summary>Text that is safe inside HTML and SVG, also in attributes.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    private const string Style = """
        :root { --page: #f5f6f8; --card: #ffffff; --ink: #1b2330; --soft: #556070; --line: #dbe0e8; --grid: #e9ecf1;
          --one: #2460c4; --two: #b9500b; --good: #177245; --bad: #b3261e; --note: #fff5dd; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #10151c; --card: #181f29; --ink: #e7ecf3; --soft: #a3afbf; --line: #303b4a; --grid: #262f3b;
            --one: #7db0ff; --two: #f2a663; --good: #62c893; --bad: #ff8d85; --note: #33290f; } }
        @media print {
          :root { --page: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --grid: #dddddd;
            --one: #2460c4; --two: #b9500b; --good: #177245; --bad: #b3261e; --note: #ffffff; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          .card { break-inside: avoid; } .scroll { overflow: visible; } }
        * { box-sizing: border-box; }
        html { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; background: var(--page); color: var(--ink); }
        body { margin: 0; }
        main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 48px; }
        header { margin-bottom: 20px; }
        h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 6px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
        h2 { font-size: 1.05rem; margin: 0 0 10px; }
        .lead { margin: 0; color: var(--soft); max-width: 75ch; overflow-wrap: anywhere; }
        .note { background: var(--note); border: 1px solid var(--line); border-left: 4px solid var(--two); border-radius: 6px; padding: 10px 14px; margin: 0 0 16px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 10px; margin: 0 0 16px; }
        .tiles div, .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
        .tiles div { padding: 12px; }
        dt { color: var(--soft); font-size: 0.85rem; }
        dd { margin: 0; font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums; }
        dd small { display: block; white-space: nowrap; letter-spacing: -0.02em; font-size: 0.74rem; font-weight: 400; color: var(--soft); }
        .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 16px; margin-bottom: 16px; }
        .card { padding: 16px 18px; min-width: 0; margin: 0; }
        .card.wide { grid-column: 1 / -1; }
        .how { color: var(--soft); font-size: 0.87rem; margin: 10px 0 0; max-width: 110ch; }
        svg { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font-size: 12px; }
        svg .name { fill: var(--ink); font-size: 13px; }
        .gridline { stroke: var(--grid); stroke-width: 1; } .axis { stroke: var(--line); stroke-width: 1.2; }
        .one, .two { fill: none; stroke-width: 2.2; stroke-linejoin: round; } .one { stroke: var(--one); } .two { stroke: var(--two); }
        .guide { fill: none; stroke: var(--soft); stroke-width: 1.2; stroke-dasharray: 5 4; }
        .dot-one { fill: var(--one); stroke: var(--card); stroke-width: 1.5; } .dot-two { fill: var(--two); stroke: var(--card); stroke-width: 1.5; }
        .dot-few { fill: var(--card); stroke: var(--one); stroke-width: 1.8; } .cloud { fill: var(--one); fill-opacity: 0.35; } .bar-one { fill: var(--one); fill-opacity: 0.62; } .bar-two { fill: var(--two); fill-opacity: 0.72; }
        .band { fill: var(--two); fill-opacity: 0.14; } .range { stroke: var(--one); stroke-width: 2; } .range-thin { stroke: var(--one); stroke-width: 5; stroke-linecap: round; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.92rem; }
        caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        th, td { padding: 5px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th:first-child { text-align: left; font-weight: 500; } thead th { color: var(--soft); font-weight: 500; font-size: 0.83rem; }
        tbody tr:last-child > * { border-bottom: 0; }
        tr.marked > * { background: color-mix(in srgb, var(--one) 13%, transparent); font-weight: 600; }
        td.heat { background: color-mix(in srgb, var(--one) calc(var(--share) * 38%), transparent); text-align: center; font-size: 1rem; }
        td.heat.miss { background: color-mix(in srgb, var(--two) calc(var(--share) * 38%), transparent); }
        td.heat small { display: block; color: var(--ink); opacity: 0.8; }
        .meter { width: 420px; max-width: 45vw; text-align: left; } .meter span { display: inline-block; height: 12px; min-width: 2px; border-radius: 2px; background: var(--one); vertical-align: middle; }
        .meter span.none { background: var(--soft); opacity: 0.5; }
        .picture { width: 190px; padding: 2px 10px; } .legend { display: flex; gap: 18px; flex-wrap: wrap; color: var(--soft); font-size: 0.85rem; margin: 0 0 4px; padding: 0; list-style: none; }
        .legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
        .verdict { border-left: 6px solid var(--soft); padding: 4px 0 4px 16px; margin: 0 0 18px; } .verdict strong { font-size: 1.3rem; display: block; }
        .verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); } .verdict.good strong { color: var(--good); } .verdict.bad strong { color: var(--bad); }
        code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.88em; }
        """;
}

/// <param name="Cells">HTML; the first is the row's header.</param>
/// <param name="Marked">True: the row stands out.</param>
internal sealed record TableRow(IReadOnlyList<string> Cells, bool Marked = false);
