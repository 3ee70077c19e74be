var p = Pipeline("churn");
for (var part = 0; part < 3; part++)
{
    p.Add($"load{part}", new LoadRows { Source = $"{part}.csv" });
}

return p;
