var p = Pipeline("churn");
var load = new LoadRows { Source = "a.csv" };
p.Add("first", load);
p.Add("second", load);
return p;
