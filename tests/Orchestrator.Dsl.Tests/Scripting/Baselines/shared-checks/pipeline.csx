// The checks that JSON and scripts share point into the script as exactly as they point into JSON.
var p = Pipeline("churn");
var limit = p.Param("limit", 10, "Most rows", min: 20);
p.Param("unused", "x");
p.Schedule("at noon", zone: "Europe/Berlyn");
var load = p.Add("load", new LoadRows { Source = "a.csv", Limit = limit })
    .Timeout("5 parsecs")
    .Retry(300, Backoff.Exponential("10m", max: "fast"));
p.Add("load", new LoadRows { Source = Text($"{Js("tasks.laod.rows")}.csv") });
p.Add("fit", new FitModel { Rows = load.Parts, Rate = Js("params.rate") })
    .When(load.Rows)
    .Map(load.Rows)
    .Needs("trian", "load");
p.Add("search", new SearchBest { Try = new FitModel { Rows = Js("tasks.load.row") } });
return p;
