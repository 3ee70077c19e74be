var churn = Pipeline("churn");
return churn.Add("load", new LoadRows { Source = "a.csv" });
