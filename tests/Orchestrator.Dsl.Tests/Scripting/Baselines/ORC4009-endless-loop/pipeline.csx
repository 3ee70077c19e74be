var p = Pipeline("churn");
var parts = 0;
while (parts >= 0)
{
    parts = (parts + 1) % 10;
}

p.Add("load", new LoadRows { Source = "a.csv" });
return p;
