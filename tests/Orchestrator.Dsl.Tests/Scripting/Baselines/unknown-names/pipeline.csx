var p = Pipelin("churn");
var name = new StringBuilder("a").Append(".csv");
var load = p.Add("load", new LoadRows { Source = nmae.ToString() });
p.Add("fit", new FitModels { Rows = laod.Rows });
return p;
