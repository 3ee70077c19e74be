var p = Pipeline("churn");
var random = new Random();
p.Add("load", new LoadRows { Source = "a.csv", Limit = random.Next() });
return p;
