using System.Collections.Immutable;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Scheduling.Backfills;
using Orchestrator.Scheduling.Tests.Hosting;
using Orchestrator.Storage.Backfills;

namespace Orchestrator.Scheduling.Tests.Backfills;

/// <summary>Plans over dates: what is shown is what is run, once, also after kills.</summary>
public sealed class BackfillTests
{
    private static readonly DateTimeOffset First = new(2026, 2, 1, 2, 0, 0, TimeSpan.Zero);

    private static readonly PipelineDefinition Daily = SchedulerHome.Pipeline(
        "daily", new ScheduleTrigger { Schedule = "0 2 * * *", Params = TaskDefinition.EmptyWith.SetItem("day", OrcJson.ToElement("${run.logicalDate.slice(0, 10)}")) })
        with { Params = [new ParameterDefinition { Name = "day", Type = ParameterType.String }, new ParameterDefinition { Name = "size", Type = ParameterType.Integer, Default = OrcJson.ToElement(1) }] };

    private SchedulerHome home = null!;
    private AcceptingStarter starter = null!;
    private BackfillRunner runner = null!;

    [SetUp]
    public async Task SetUp()
    {
        home = await SchedulerHome.CreateAsync();
        starter = new AcceptingStarter(home.Stores, home.Clock);
        runner = new BackfillRunner(home.Parts(starter));
    }

    [TearDown]
    public async Task TearDown() => await home.DisposeAsync();

    private Task<(BackfillInfo Backfill, IReadOnlyList<BackfillItem> Items)> PlanAsync(BackfillSelection selection, int parallel = 1, PipelineDefinition? pipeline = null, params (string Name, object Value)[] given) =>
        home.Backfills.PlanAsync(
            new BackfillWish
            {
                Pipeline = pipeline ?? Daily,
                Definition = home.Stored(pipeline ?? Daily),
                BaseDirectory = home.Folder,
                Selection = selection,
                Params = TaskDefinition.EmptyWith.SetItems(given.Select(one => KeyValuePair.Create(one.Name, OrcJson.ToElement(one.Value)))),
                Parallel = parallel,
                By = "ann",
            },
            CancellationToken.None);

    private static BackfillSelection Days(int days, BackfillOnly only = BackfillOnly.Missing, BackfillOrder order = BackfillOrder.Oldest) =>
        new() { From = First, To = First.AddDays(days - 1), Only = only, Order = order };

    private Task<BackfillInfo?> StepAsync(BackfillInfo backfill) => runner.StepAsync(backfill.Id, CancellationToken.None);

    private async Task EndAllAsync(string status = "succeeded")
    {
        foreach (var run in (await home.RunsAsync()).Where(run => run.EndedAt is null))
        {
            await starter.EndAsync(run.Id, status);
        }
    }

    private async Task<string[]> ShowAsync(BackfillInfo backfill) =>
        [.. (await home.Stores.Backfills.ListItemsAsync(backfill.Id, CancellationToken.None)).Select(item => $"{item.LogicalDate:dd} {item.Action} {item.RunStatus ?? "-"}")];

    [Test]
    public async Task APlanRunsInOrderAndNoMoreAtOnceThanItSays()
    {
        var (backfill, _) = await PlanAsync(Days(5, order: BackfillOrder.Newest), parallel: 2);
        Assert.That((await StepAsync(backfill))!.Status, Is.EqualTo("planned"));
        Assert.That(await home.RunsAsync(), Is.Empty, "nothing runs before it is asked for");

        await home.Backfills.RunAsync(backfill, CancellationToken.None);
        await StepAsync(backfill);
        await StepAsync(backfill);
        Assert.That(await ShowAsync(backfill), Is.EqualTo(new[] { "05 run running", "04 run running", "03 run -", "02 run -", "01 run -" }));
        Assert.That((await home.RunsAsync())[0].Params.GetRawText(), Is.EqualTo("""{"day":"2026-02-05","size":1}"""));

        for (var i = 0; i < 3; i++)
        {
            await EndAllAsync();
            backfill = (await StepAsync(backfill))!;
        }

        Assert.That(backfill.Status, Is.EqualTo("done"));
        Assert.That(await ShowAsync(backfill), Is.EqualTo(new[] { "05 run succeeded", "04 run succeeded", "03 run succeeded", "02 run succeeded", "01 run succeeded" }));
    }

    [TestCase(BackfillOnly.Missing, new[] { "leave", "leave", "run", "leave" })]
    [TestCase(BackfillOnly.Failed, new[] { "leave", "run", "leave", "leave" })]
    [TestCase(BackfillOnly.All, new[] { "run", "run", "run", "leave" })]
    public async Task WhatRanBeforeDecidesWhatRuns(BackfillOnly only, string[] expected)
    {
        var (before, _) = await PlanAsync(new BackfillSelection { Dates = [First, First.AddDays(1), First.AddDays(3)] }, parallel: 3);
        await home.Backfills.RunAsync(before, CancellationToken.None);
        await StepAsync(before);
        var runs = await home.RunsAsync();
        await starter.EndAsync(runs[0].Id);
        await starter.EndAsync(runs[1].Id, "failed");

        var (_, items) = await PlanAsync(Days(4, only));
        Assert.That(items.Select(item => item.Action), Is.EqualTo(expected));
        Assert.That(items.Select(item => item.Why), Is.EqualTo(new[] { $"run {runs[0].Id} succeeded", $"run {runs[1].Id} failed", "no run yet", $"run {runs[2].Id} goes on" }));
    }

    [Test]
    public async Task ThePlanIsRunAsItWasShown()
    {
        var (backfill, _) = await PlanAsync(Days(2), parallel: 5, given: ("size", 7));
        // Registered since, and run by somebody else since.
        await home.RegisterAsync(Daily with { Title = "another" });
        await home.Backfills.RunAsync(backfill, CancellationToken.None);
        await StepAsync(backfill);

        var runs = await home.RunsAsync();
        Assert.That(runs.Select(run => run.Definition), Is.All.EqualTo(backfill.Definition));
        Assert.That(runs.Select(run => run.Params.GetProperty("size").GetInt32()), Is.All.EqualTo(7));
    }

    [Test]
    public async Task ASecondDriverDoublesNothing()
    {
        var (backfill, _) = await PlanAsync(Days(20), parallel: 8);
        await home.Backfills.RunAsync(backfill, CancellationToken.None);
        for (var i = 0; i < 4; i++)
        {
            // Drivers of other processes, and one that dies in the middle.
            var dying = new AcceptingStarter(home.Stores, home.Clock);
            dying.Before = _ => dying.Accepted == 2 ? throw new OperationCanceledException() : Task.CompletedTask;
            try
            {
                await new BackfillRunner(home.Parts(dying)).StepAsync(backfill.Id, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
            }

            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => new BackfillRunner(home.Parts(starter)).StepAsync(backfill.Id, CancellationToken.None))));
            Assert.That((await home.RunsAsync()).Count(run => run.EndedAt is null), Is.LessThanOrEqualTo(8));
            await EndAllAsync();
        }

        Assert.That((await StepAsync(backfill))!.Status, Is.EqualTo("done"));
        var dates = (await home.Stores.Backfills.ListItemsAsync(backfill.Id, CancellationToken.None)).Select(item => item.RunId);
        Assert.That(dates.Distinct().Count(), Is.EqualTo(20));
        Assert.That(await home.RunsAsync(), Has.Count.EqualTo(20));
    }

    [Test]
    public async Task PauseResumeCancelRetry()
    {
        var (backfill, _) = await PlanAsync(Days(3));
        await home.Backfills.RunAsync(backfill, CancellationToken.None);
        await StepAsync(backfill);
        await home.Backfills.PauseAsync(backfill, CancellationToken.None);
        await EndAllAsync("failed");
        await StepAsync(backfill);
        Assert.That(await ShowAsync(backfill), Is.EqualTo(new[] { "01 run failed", "02 run -", "03 run -" }), "paused");

        Assert.That(await home.Backfills.RetryAsync(backfill with { Status = "paused" }, CancellationToken.None), Is.EqualTo(1));
        await home.Backfills.RunAsync(backfill, CancellationToken.None);
        await StepAsync(backfill);
        Assert.That(await ShowAsync(backfill), Is.EqualTo(new[] { "01 run running", "02 run -", "03 run -" }), "tried again");

        Assert.That(await home.Backfills.CancelAsync(backfill, "ann", CancellationToken.None), Is.EqualTo(1));
        await EndAllAsync("cancelled");
        await StepAsync(backfill);
        Assert.That(await ShowAsync(backfill), Is.EqualTo(new[] { "01 run cancelled", "02 run -", "03 run -" }));
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => home.Backfills.RunAsync(backfill with { Status = "cancelled" }, CancellationToken.None))!.Failure.Code, Is.EqualTo("ORC6227"));
    }

    [Test]
    public async Task ASchedulerGoesOnWithBackfillsThatRun()
    {
        var (backfill, _) = await PlanAsync(Days(2), parallel: 2);
        await home.Backfills.RunAsync(backfill, CancellationToken.None);
        await home.Core(starter).SweepAsync(CancellationToken.None);

        Assert.That(await home.RunsAsync(), Has.Count.EqualTo(2));
    }

    private static IEnumerable<TestCaseData> Wrong() =>
    [
        new TestCaseData(new BackfillSelection(), 1, "ORC6222"),
        new TestCaseData(new BackfillSelection { From = First.AddYears(3) }, 1, "ORC6224"),
        new TestCaseData(new BackfillSelection { From = First.AddYears(-100) }, 1, "ORC6225"),
        new TestCaseData(new BackfillSelection { From = First, Schedule = "nightly" }, 1, "ORC6221"),
        new TestCaseData(new BackfillSelection { From = First }, 0, "ORC6226"),
    ];

    [TestCaseSource(nameof(Wrong))]
    public void AWishThatMakesNoSenseIsRefused(BackfillSelection selection, int parallel, string code) =>
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => PlanAsync(selection, parallel))!.Failure.Code, Is.EqualTo(code));

    [Test]
    public void WhatEveryRunWouldFailWithIsSaidBefore() =>
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => PlanAsync(Days(3), given: ("size", "large")))!.Failure.Code, Is.EqualTo("ORC6216"));

    [Test]
    public void WithoutAScheduleDatesAreListed()
    {
        var bare = Daily with { Triggers = [], Params = [] };
        Assert.That(Assert.ThrowsAsync<ActivityException>(() => PlanAsync(Days(3), pipeline: bare))!.Failure.Code, Is.EqualTo("ORC6223"));
        Assert.DoesNotThrowAsync(() => PlanAsync(new BackfillSelection { Dates = [First] }, pipeline: bare));
    }
}
