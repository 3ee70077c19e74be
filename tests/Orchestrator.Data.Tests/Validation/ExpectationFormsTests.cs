using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Data.Validation;
using Orchestrator.Testing;
using static Orchestrator.Data.Validation.ExpectationFunctions;

namespace Orchestrator.Data.Tests.Validation;

/// <summary>A rule in a script, in JSON and in Great Expectations' form is one rule; a wrong one is refused before anything runs.</summary>
public sealed class ExpectationFormsTests
{
    private static IEnumerable<TestCaseData> Twins()
    {
        yield return new(Column("churn").NotNull().InSet("yes", "no"), """{"column":"churn","notNull":true,"inSet":["yes","no"]}""");
        yield return new(Column("total_day_minutes").Between(0, 1440), """{"column":"total_day_minutes","between":{"min":0,"max":1440}}""");
        yield return new(Column("total_day_minutes").Between(0.0, 1440.0), """{"column":"total_day_minutes","between":{"min":0,"max":1440}}""");
        yield return new(RowCount(atLeast: 1000), """{"rowCount":{"min":1000}}""");
        yield return new(Column("x").Above(0).Mostly(0.99).Warn(), """{"column":"x","between":{"min":0,"exclusiveMin":true},"mostly":0.99,"severity":"warn"}""");
        yield return new(Column("x").Matches("^a$").MaxCount(3).MaxRate(0.5), """{"column":"x","matches":"^a$","maxCount":3,"maxRate":0.5}""");
        yield return new(Columns("a", "b"), """{"columns":["a","b"]}""");
        yield return new(Greater("a", "b", orEqual: true), """{"greater":{"a":"a","b":"b","orEqual":true}}""");
        yield return new(Column("x").Increasing(strictly: true), """{"column":"x","increasing":true,"strictly":true}""");
        yield return new(Column("x").Quantile(0.95, atMost: 3), """{"column":"x","quantiles":[{"at":0.95,"max":3}]}""");
        yield return new(Gx("expect_column_values_to_be_unique", ("column", "id")), """{"type":"expect_column_values_to_be_unique","kwargs":{"column":"id"}}""");
    }

    [TestCaseSource(nameof(Twins))]
    public void ScriptAndJson_AreTheSameBinding(Expectation script, string json)
    {
        Assert.That(OrcJson.ToElement(script).GetRawText(), Is.EqualTo(json));
        var read = JsonSerializer.Deserialize<Expectation>(json, OrcJson.Options)!;
        Assert.That(OrcJson.ToElement(read).GetRawText(), Is.EqualTo(json));
        Assert.That(read.Check(), Is.Empty);
    }

    [TestCase("""{"column":"x","between":{"min":0.0,"max":1e1}}""", """{"column":"x","between":{"min":0,"max":10}}""")]
    public void Numbers_HaveOneSpelling(string written, string canonical) =>
        Assert.That(OrcJson.ToElement(JsonSerializer.Deserialize<Expectation>(written, OrcJson.Options)).GetRawText(), Is.EqualTo(canonical));

    [TestCase("""{"column":"x","matches":"("}""", "matches", "not a regular expression")]
    [TestCase("""{"column":"x","matches":"a(?=b)"}""", "matches", "not a regular expression")]
    [TestCase("""{"column":"x","between":{"min":5,"max":1}}""", "between", "min above its max (5 > 1)")]
    [TestCase("""{"column":"x","between":{}}""", "between", "neither a min nor a max")]
    [TestCase("""{"column":"x","between":{"min":1,"max":"a"}}""", "between", "mixes a number and a text")]
    [TestCase("""{"column":"x","between":{"min":1,"max":1,"exclusiveMax":true}}""", "between", "excludes its only value")]
    [TestCase("""{"column":"x","mean":{"min":"a"}}""", "mean", "needs numbers")]
    [TestCase("""{"column":"x","notnull":true}""", "notnull", "there is no rule \"notnull\"")]
    [TestCase("""{"column":"x","betwen":{"min":1}}""", "betwen", "there is no rule \"betwen\"")]
    [TestCase("""{"column":"x"}""", "", "has no rule")]
    [TestCase("""{"notNull":true}""", "notNull", "needs a column")]
    [TestCase("""{"column":"","notNull":true}""", "column", "is empty")]
    [TestCase("""{"column":"x","rowCount":{"min":1}}""", "rowCount", "is about the table")]
    [TestCase("""{"column":"x","notNull":true,"mostly":1.5}""", "mostly", "must lie in 0..1")]
    [TestCase("""{"column":"x","notNull":true,"maxRate":-1}""", "maxRate", "must lie in 0..1")]
    [TestCase("""{"column":"x","notNull":true,"maxCount":-1}""", "maxCount", "is negative")]
    [TestCase("""{"column":"x","inSet":[]}""", "inSet", "empty set")]
    [TestCase("""{"column":"x","ofType":["integr"]}""", "ofType[0]", "there is no column type \"integr\"")]
    [TestCase("""{"column":"x","dateFormat":"%Y-%Q"}""", "dateFormat", "has %Q")]
    [TestCase("""{"column":"x","zScoreBelow":0}""", "zScoreBelow", "above 0")]
    [TestCase("""{"column":"x","notNull":true,"strictly":true}""", "strictly", "increasing or decreasing")]
    [TestCase("""{"column":"x","quantiles":[{"at":95,"max":1}]}""", "quantiles[0].at", "must lie in 0..1")]
    [TestCase("""{"column":"x","divergence":{"below":0.1,"weights":[1]}}""", "divergence", "needs values or bins")]
    [TestCase("""{"column":"x","divergence":{"below":0.1,"bins":[0,1,2],"weights":[1]}}""", "divergence.weights", "1 weights for 2")]
    [TestCase("""{"uniqueWithinRow":["a"]}""", "uniqueWithinRow", "at least 2")]
    [TestCase("""{"uniqueTogether":["a","a"]}""", "uniqueTogether", "a name twice")]
    [TestCase("""{"type":"expect_column_values_to_be_betwen","kwargs":{}}""", "type", "there is no expectation")]
    [TestCase("""{"type":"expect_column_values_to_be_between","kwargs":{"min_value":1}}""", "kwargs.column", "is missing")]
    [TestCase("""{"type":"expect_column_values_to_be_between","kwargs":{"column":"x","min_value":2,"max_value":1}}""", "kwargs", "min above its max")]
    [TestCase("""{"type":"expect_column_values_to_be_unique","kwargs":{"column":"x","row_condition":"y > 1"}}""", "kwargs.row_condition", "no argument")]
    [TestCase("""{"type":"expect_column_values_to_match_regex","kwargs":{"column":"x","regex":"("}}""", "kwargs", "not a regular expression")]
    [TestCase("""{"kwargs":{}}""", "kwargs", "without a type")]
    public void WrongRule_IsRefusedBeforeItRuns(string json, string path, string words)
    {
        var problems = JsonSerializer.Deserialize<Expectation>(json, OrcJson.Options)!.Check().ToArray();
        Assert.That(problems.Select(problem => problem.Path), Has.Some.EqualTo(path), string.Join("; ", problems));
        Assert.That(problems.First(problem => problem.Path == path).Message, Does.Contain(words));
    }

    [Test]
    public void NearName_IsOffered()
    {
        var problem = JsonSerializer.Deserialize<Expectation>("""{"column":"x","betwen":{"min":1}}""", OrcJson.Options)!.Check().Single();
        Assert.That(problem.Help, Does.Contain("\"between\""));
    }

    /// <summary>Every name of the reference's list, with arguments as Great Expectations writes them.</summary>
    private static readonly string[] Suite =
    [
        """{"type":"expect_table_row_count_to_be_between","kwargs":{"min_value":1,"max_value":9}}""",
        """{"type":"expect_table_row_count_to_equal","kwargs":{"value":4}}""",
        """{"type":"expect_table_row_count_to_equal_other_table","kwargs":{"other_table_name":"t2"}}""",
        """{"type":"expect_table_column_count_to_equal","kwargs":{"value":5}}""",
        """{"type":"expect_table_column_count_to_be_between","kwargs":{"min_value":1,"max_value":null}}""",
        """{"type":"expect_table_columns_to_match_set","kwargs":{"column_set":["id","s"],"exact_match":false}}""",
        """{"type":"expect_table_columns_to_match_ordered_list","kwargs":{"column_list":["id","n","s","d","m"]}}""",
        """{"type":"expect_column_to_exist","kwargs":{"column":"n","column_index":1}}""",
        """{"type":"expect_column_values_to_be_of_type","kwargs":{"column":"n","type_":"int64"}}""",
        """{"type":"expect_column_values_to_be_in_type_list","kwargs":{"column":"n","type_list":["INTEGER","int"]}}""",
        """{"type":"expect_column_values_to_not_be_null","kwargs":{"column":"n","mostly":0.7}}""",
        """{"type":"expect_column_values_to_be_null","kwargs":{"column":"n","mostly":0.2}}""",
        """{"type":"expect_column_values_to_be_unique","kwargs":{"column":"id","batch_id":"b"}}""",
        """{"type":"expect_column_values_to_be_in_set","kwargs":{"column":"s","value_set":["a","b"]}}""",
        """{"type":"expect_column_values_to_not_be_in_set","kwargs":{"column":"s","value_set":["q"]}}""",
        """{"type":"expect_column_values_to_be_between","kwargs":{"column":"n","min_value":0,"max_value":3,"strict_min":true}}""",
        """{"type":"expect_column_values_to_match_regex","kwargs":{"column":"s","regex":"^[ab]"}}""",
        """{"type":"expect_column_values_to_not_match_regex","kwargs":{"column":"s","regex":"q"}}""",
        """{"type":"expect_column_values_to_match_strftime_format","kwargs":{"column":"d","strftime_format":"%Y-%m-%d"}}""",
        """{"type":"expect_column_values_to_be_increasing","kwargs":{"column":"id","strictly":true}}""",
        """{"type":"expect_column_values_to_be_decreasing","kwargs":{"column":"m"}}""",
        """{"type":"expect_column_value_lengths_to_be_between","kwargs":{"column":"s","min_value":1,"max_value":1}}""",
        """{"type":"expect_column_value_lengths_to_equal","kwargs":{"column":"s","value":1}}""",
        """{"type":"expect_column_value_z_scores_to_be_less_than","kwargs":{"column":"n","threshold":3,"double_sided":true}}""",
        """{"type":"expect_column_min_to_be_between","kwargs":{"column":"n","min_value":1,"max_value":1}}""",
        """{"type":"expect_column_max_to_be_between","kwargs":{"column":"n","min_value":3,"max_value":3}}""",
        """{"type":"expect_column_mean_to_be_between","kwargs":{"column":"n","min_value":2,"max_value":2}}""",
        """{"type":"expect_column_median_to_be_between","kwargs":{"column":"n","min_value":2,"max_value":2}}""",
        """{"type":"expect_column_stdev_to_be_between","kwargs":{"column":"n","min_value":1,"max_value":1}}""",
        """{"type":"expect_column_sum_to_be_between","kwargs":{"column":"n","min_value":6,"max_value":6}}""",
        """{"type":"expect_column_quantile_values_to_be_between","kwargs":{"column":"n","quantile_ranges":{"quantiles":[0.5,1],"value_ranges":[[2,2],[null,3]]}}}""",
        """{"type":"expect_column_distinct_values_to_be_in_set","kwargs":{"column":"s","value_set":["a","b","c"]}}""",
        """{"type":"expect_column_distinct_values_to_contain_set","kwargs":{"column":"s","value_set":["a"]}}""",
        """{"type":"expect_column_distinct_values_to_equal_set","kwargs":{"column":"s","value_set":["a","b"]}}""",
        """{"type":"expect_column_unique_value_count_to_be_between","kwargs":{"column":"s","min_value":2,"max_value":2}}""",
        """{"type":"expect_column_proportion_of_unique_values_to_be_between","kwargs":{"column":"id","min_value":1}}""",
        """{"type":"expect_column_most_common_value_to_be_in_set","kwargs":{"column":"s","value_set":["b"]}}""",
        """{"type":"expect_column_kl_divergence_to_be_less_than","kwargs":{"column":"s","threshold":0.1,"partition_object":{"values":["a","b"],"weights":[0.25,0.75]}}}""",
        """{"type":"expect_compound_columns_to_be_unique","kwargs":{"column_list":["id","s"]}}""",
        """{"type":"expect_column_pair_values_a_to_be_greater_than_b","kwargs":{"column_A":"id","column_B":"n","or_equal":true}}""",
        """{"type":"expect_column_pair_values_to_be_equal","kwargs":{"column_A":"id","column_B":"n"}}""",
        """{"type":"expect_column_pair_values_to_be_in_set","kwargs":{"column_A":"id","column_B":"s","value_pairs_set":[[1,"a"],[2,"b"],[3,"b"],[4,"b"]]}}""",
        """{"type":"expect_multicolumn_sum_to_equal","kwargs":{"column_list":["id","m"],"sum_total":5}}""",
        """{"type":"expect_select_column_values_to_be_unique_within_record","kwargs":{"column_list":["id","m"]}}""",
    ];

    [Test]
    public async Task GreatExpectationsSuite_RunsAsItIs()
    {
        Assert.That(Suite, Has.Length.EqualTo(GreatExpectations.Types.Count), "every name that is read is tried");
        using var environment = new ActivityEnvironment();
        var version = await environment.DatasetAsync("id,n,s,d,m\n1,1,a,2026-01-01,4\n2,2,b,2026-01-02,3\n3,3,b,2026-01-03,2\n4,,b,2026-01-04,1\n");
        environment.WriteFile("suite.json", $$$"""{"name":"s","expectations":[{{{string.Join(",", Suite)}}}],"meta":{"great_expectations_version":"1.2.0"}}""");
        await environment.RunAsync(new ValidateDataset { Dataset = version, Other = version, Suite = "suite.json" });
        Assert.That(environment.Output<bool>("passed"), Is.True);

        var result = JsonDocument.Parse(await File.ReadAllTextAsync(environment.Artifacts.PathOf(environment.Output<ArtifactRef>("result")))).RootElement;
        Assert.That(result.GetProperty("success").GetBoolean(), Is.True);
        var types = result.GetProperty("results").EnumerateArray().Select(one => one.GetProperty("expectation_config").GetProperty("type").GetString()).ToHashSet();
        Assert.That(types, Is.SubsetOf(GreatExpectations.Types), "the result speaks Great Expectations' names");
        var notNull = result.GetProperty("results").EnumerateArray().First(one => one.GetProperty("expectation_config").GetProperty("type").GetString() == "expect_column_values_to_not_be_null");
        Assert.That(notNull.GetProperty("expectation_config").GetProperty("kwargs").GetRawText(), Is.EqualTo("""{"column":"n","mostly":0.7}""").Or.Contains("\"mostly\": 0.7"));
        Assert.That(notNull.GetProperty("result").GetProperty("unexpected_count").GetInt64(), Is.EqualTo(1));
        Assert.That(notNull.GetProperty("result").GetProperty("unexpected_percent").GetDouble(), Is.EqualTo(25));
    }

    [Test]
    public async Task RulesThatAnExpressionGave_AreCheckedWhenTheyArrive()
    {
        using var environment = new ActivityEnvironment();
        var version = await environment.DatasetAsync("id\n1\n");
        var failure = await environment.FailureAsync(new ValidateDataset { Dataset = version, Expect = [Column("id").Matches("(")] });
        Assert.That((failure.Code, failure.Message), Is.EqualTo(("ORC5323", failure.Message)));
        Assert.That(failure.Message, Does.Contain("rule 1, matches"));
        Assert.That((await environment.FailureAsync(new ValidateDataset { Dataset = version })).Code, Is.EqualTo("ORC5321"));
        Assert.That((await environment.FailureAsync(new ValidateDataset { Dataset = version, Suite = "none.json" })).Code, Is.EqualTo("ORC5322"));
    }
}
