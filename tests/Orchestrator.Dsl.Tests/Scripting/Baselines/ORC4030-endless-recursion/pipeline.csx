var p = Pipeline("churn");
string Part(int number) => Part(number + 1) + "a";
p.Add("load", new LoadRows { Source = Part(0) });
return p;
