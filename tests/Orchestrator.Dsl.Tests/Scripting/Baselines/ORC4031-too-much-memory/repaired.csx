var p = Pipeline("churn");
p.Add("load", new LoadRows { Source = "a.csv" });
return p;
