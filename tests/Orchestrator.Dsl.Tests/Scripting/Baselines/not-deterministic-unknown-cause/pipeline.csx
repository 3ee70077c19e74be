var p = Pipeline("churn");
var load = p.Add("load", new LoadRows
{
    Source = "a.csv",
    Columns = ["x", $"{new object().GetHashCode()}"],
});
return p;
