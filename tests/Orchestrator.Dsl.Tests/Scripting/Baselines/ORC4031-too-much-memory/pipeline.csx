var p = Pipeline("churn");
var parts = new List<byte[]>();
while (true)
{
    parts.Add(new byte[1024]);
}

p.Add("load", new LoadRows { Source = "a.csv" });
return p;
