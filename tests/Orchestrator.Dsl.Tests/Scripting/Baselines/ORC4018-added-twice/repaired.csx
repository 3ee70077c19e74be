var p = Pipeline("churn");
p.Add("first", new LoadRows { Source = "a.csv" });
p.Add("second", new LoadRows { Source = "a.csv" });
return p;
