var churn = Pipeline("churn");
churn.Add("load", new LoadRows { Source = "a.csv" });
return churn;
