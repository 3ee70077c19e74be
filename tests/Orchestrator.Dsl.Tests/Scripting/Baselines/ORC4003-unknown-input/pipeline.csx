var p = Pipeline("churn");
var load = p.Add("load", new LoadRows { Source = "a.csv", Limits = 10 });
return p;
