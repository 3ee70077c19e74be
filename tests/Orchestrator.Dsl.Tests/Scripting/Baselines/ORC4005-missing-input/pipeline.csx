var p = Pipeline("churn");
var load = p.Add("load", new LoadRows { Limit = 10 });
return p;
