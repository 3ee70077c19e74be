// Which customers will leave next month: from a data file to a model behind an endpoint.
// The same pipeline as JSON is in churn.json; both have the same definition hash.
var churn = Pipeline("churn", "Which customers will leave next month");
var minAuc = churn.Param("minAuc", 0.85, "Lowest area under the ROC curve that may be deployed", min: 0.5, max: 1);
churn.Schedule("0 2 * * *", zone: "Europe/Berlin", overlap: Overlap.Skip, missed: Missed.RunLatest);
churn.On(DatasetUpdated("customers"));

var snapshot = churn.Add("snapshot", new SnapshotDataset { Source = "data/churn.csv", Name = "customers" });

var checks = churn.Add("validate", new ValidateDataset
{
    Dataset = snapshot.Version,
    Expect =
    [
        RowCount(atLeast: 1000),
        Column("churn").NotNull().InSet("yes", "no"),
        Column("state").NotNull().Matches("^[A-Z]{2}$"),
        Column("account_length").NotNull().Between(1, 400),
        Column("total_day_minutes").NotNull().Between(0, 1440),
        Column("total_eve_minutes").NotNull().Between(0, 1440),
        Column("total_night_minutes").NotNull().Between(0, 1440),
        Column("number_customer_service_calls").NotNull().Between(0, 50),
    ],
});

var split = churn.Add("split", new SplitDataset { Dataset = checks.Version, TestFraction = 0.2, StratifyBy = "churn", Seed = 7 });

var sweep = churn.Add("sweep", new Sweep
{
    Train = new TrainClassifier { Data = split.Train, Label = "churn", Trainer = LightGbm(), Seed = 7 },
    Space =
    [
        LogUniform("learningRate", 0.01, 0.3),
        Integer("leaves", 8, 128),
        Integer("minExamplesPerLeaf", 5, 60),
        Uniform("featureFraction", 0.5, 1),
        LogUniform("l2", 0.001, 10),
    ],
    Search = Tpe(trials: 40),
    Metric = "auc",
    Parallel = 2,
    Retrain = true,
    Seed = 7,
});

var evaluate = churn.Add("evaluate", new EvaluateModel { Model = sweep.Best, Data = split.Test, Slices = ["international_plan", "voice_mail_plan"] });

var compare = churn.Add("compare", new CompareToBaseline
{
    Candidate = sweep.Best, Baseline = "models:/churn@champion", Data = split.Test, Metric = "auc",
});

var deploy = churn.Add("deploy", new DeployModel { Model = sweep.Best, Endpoint = "churn" })
    .When(compare.CandidateScore >= minAuc & compare.NotWorse)
    .Needs(evaluate)
    .Retry(3, Backoff.Exponential("10s", max: "5m"));

churn.Add("tell", new NotifyLog { Message = compare.Reason })
    .Needs(deploy)
    .Rule(JoinRule.NoneFailed);

return churn;
