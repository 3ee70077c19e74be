var p = Pipeline("churn");
p.Add("load", new LoadRows { Source = "a.csv" });
p.Step("greet", ctx => ctx.Log("hello"));
return p;
