var p = Pipeline("churn");
string Part(int number) => number == 3 ? "" : Part(number + 1) + "a";
p.Add("load", new LoadRows { Source = Part(0) });
return p;
