var p = Pipeline("churn");
var load = p.Add("load", new LoadRows { Source = "a.csv" });
p.Add("search", new SearchBest { Try = new FitModel { Rows = load.Rows } }).Retry(3);
return p;
