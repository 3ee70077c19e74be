var p = Pipeline("churn");
var folder = Environment.GetEnvironmentVariable("DATA_FOLDER") ?? "data";
p.Add("load", new LoadRows { Source = $"{folder}/a.csv" });
return p;
