var p = Pipeline("churn");
var load = p.Add("load", new LoadRows { Source = "a.csv", Limit = "all", MaxAge = "5m" });
p.Add("fit", new FitModel { Rows = load.Rows, Rate = true });
return p;
