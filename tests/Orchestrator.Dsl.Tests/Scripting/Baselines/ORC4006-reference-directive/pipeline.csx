#r "nuget: Humanizer, 2.14.1"
var p = Pipeline("churn");
p.Add("load", new LoadRows { Source = "a.csv" });
return p;
