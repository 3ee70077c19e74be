var p = Pipeline("churn");
var loads = new List<LoadRows>();
foreach (var part in new[] { "a", "b" })
{
    loads.Add(p.Add($"load-{part}", new LoadRows { Source = $"{part}.csv" }));
}

p.Step("tell", ctx =>
{
    foreach (var load in loads)
    {
        ctx.Log($"{ctx.Output(load.Rows)} rows");
    }
});
return p;
