var p = Pipeline("churn");
var clean = new LoadRows { Source = "b.csv" };
p.Add("load", new LoadRows { Source = "a.csv" }).Needs(clean);
return p;
