var p = Pipeline("churn");
var load = p.Add("load", new LoadRow { Source = "a.csv" });
return p;
