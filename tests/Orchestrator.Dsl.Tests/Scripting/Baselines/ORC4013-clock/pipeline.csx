var p = Pipeline("churn");
p.Add("load", new LoadRows { Source = $"export-{DateTime.UtcNow.Ticks}.csv" });
return p;
