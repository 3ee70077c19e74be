var p = Pipeline("churn");
var load = p.Add("load", new LoadRows { Source = "a.csv", Rows = 10 });
p.Add("fit", new FitModel { Rows = load.Row }).Rety(3);
p.Shedule("0 2 * * *");
p.Step("tell", ctx => ctx.Lgo("done"));
return p;
