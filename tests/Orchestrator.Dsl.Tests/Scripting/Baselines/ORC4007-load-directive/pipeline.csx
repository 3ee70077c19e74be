#load "shared.csx"
var p = Pipeline("churn");
p.Add("load", new LoadRows { Source = Table });
return p;
