var p = Pipeline("churn");
var load = new LoadRows { Source = "a.csv" };
var fit = p.Add("fit", new FitModel
{
    Rate = 0.2,
    Rows = load.Rows,
});
p.Add("load", load);
return p;
