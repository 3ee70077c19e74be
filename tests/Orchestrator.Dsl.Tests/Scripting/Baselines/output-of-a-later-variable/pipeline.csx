var p = Pipeline("churn");
p.Add("fit", new FitModel { Rows = load.Rows });
var load = p.Add("load", new LoadRows { Source = "a.csv" });
return p;
