var p = Pipeline("churn");
var folder = p.Param("folder", "data");
p.Add("load", new LoadRows { Source = Text($"{folder}/a.csv") });
p.Step("tell", ctx => ctx.Log($"{Environment.MachineName} has it"));
return p;
