var p = Pipeline("churn");
var load = p.Add("load", new LoadRows { Source = "a.csv", Limit = 10 });
return p;
