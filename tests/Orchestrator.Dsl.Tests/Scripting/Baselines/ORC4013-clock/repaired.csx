var p = Pipeline("churn");
var month = p.Param("month", "2024-01");
p.Add("load", new LoadRows { Source = Text($"export-{month}.csv") });
return p;
