var p = Pipeline("churn");
var load = p.Add("load", new LoadRows { Source = "a.csv", Limit = 1000, MaxAge = Duration("5m") });
p.Add("fit", new FitModel { Rows = load.Rows, Rate = 0.1 });
return p;
