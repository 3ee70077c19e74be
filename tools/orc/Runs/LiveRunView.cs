using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Runs;
using Spectre.Console;

namespace Orchestrator.Cli.Runs;

/// <summary>A table of tasks that is redrawn in place, with what each is doing and for how long.</summary>
internal sealed class LiveRunView(IAnsiConsole console, TimeProvider time) : RunView(time), IAsyncDisposable
{
    private readonly Table table = new Table().Border(TableBorder.None).HideHeaders()
        .AddColumn(new TableColumn("").Width(1)).AddColumn(new TableColumn("").NoWrap()).AddColumn(new TableColumn("").NoWrap())
        .AddColumn(new TableColumn("").RightAligned().NoWrap()).AddColumn("");
    private Task drawing = Task.CompletedTask;
    private string? notice;
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        over.TrySetResult();
        await drawing;
    }

    protected override void Begun(string header)
    {
        console.WriteLine(header);
        drawing = DrawAsync();
    }

    private async Task DrawAsync()
    {
        // Begun holds the lock that drawing needs.
        await Task.Yield();
        await console.Live(table).AutoClear(false).StartAsync(async live =>
        {
            // Ten pictures a second: elapsed times move although nothing happens, and a busy run does not flood the terminal.
            while (!over.Task.IsCompleted)
            {
                Locked(Fill);
                live.Refresh();
                await Task.WhenAny(over.Task, Task.Delay(TimeSpan.FromMilliseconds(100), Time));
            }

            Locked(Fill);
            live.Refresh();
        });
    }

    protected override void Told(string what) => notice = what;

    private void Fill()
    {
        if (State is not { } state)
        {
            return;
        }

        table.Rows.Clear();
        if (state.Queued is not null && notice is not null)
        {
            table.AddRow(new Text("·"), new Markup("[bold](run)[/]"), new Text("queued"), new Text(""), new Text(notice));
        }

        foreach (var line in Lines)
        {
            var word = state.Tasks[line.Task].Word;
            var (sign, color) = TaskLine.Look(word);
            table.AddRow(
                new Markup($"[{color}]{sign}[/]"),
                new Markup($"[bold]{Markup.Escape(line.Name)}[/]"),
                new Markup($"[{color}]{word}[/]"),
                new Text(ElapsedOf(line, state)),
                new Text(Shorten(line.Detail(state))));
        }
    }

    private string ElapsedOf(TaskLine line, RunState state) =>
        line.Started is not { } since ? "" : Words.Elapsed((state.Tasks[line.Task] is Ended ended ? ended.At : Time.GetUtcNow()) - since);

    private static string Shorten(string detail) => detail.ReplaceLineEndings(" ") is { Length: > 90 } longer ? longer[..89] + "…" : detail.ReplaceLineEndings(" ");
}
