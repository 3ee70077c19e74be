const string Table = "a.csv";
var p = Pipeline("churn");
p.Add("load", new LoadRows { Source = Table });
return p;
