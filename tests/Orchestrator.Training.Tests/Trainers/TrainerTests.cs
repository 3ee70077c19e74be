using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;
using Orchestrator.Training.Sweeps;
using Orchestrator.Training.Trainers;
using static Orchestrator.Training.Trainers.TrainerFunctions;

namespace Orchestrator.Training.Tests.Trainers;

public sealed class TrainerTests
{
    [TestCase("\"lightgbm\"", "\"lightgbm\"")]
    [TestCase("{\"kind\":\"lightgbm\"}", "\"lightgbm\"")]
    [TestCase("{\"learningRate\":0.05,\"kind\":\"lightgbm\",\"leaves\":63}", "{\"kind\":\"lightgbm\",\"learningRate\":0.05,\"leaves\":63}")]
    public void Json_EveryForm_IsWrittenBackInOne(string json, string canonical) =>
        Assert.That(JsonSerializer.Serialize(JsonSerializer.Deserialize<Trainer>(json, OrcJson.Options), OrcJson.Options), Is.EqualTo(canonical));

    [Test]
    public void ScriptFunctions_WriteWhatJsonWrites() => Assert.Multiple(() =>
    {
        Assert.That(OrcJson.ToElement(LightGbm()).GetRawText(), Is.EqualTo("\"lightgbm\""));
        Assert.That(OrcJson.ToElement(LightGbm(leaves: 63, rowFraction: 0.5)).GetRawText(), Is.EqualTo("{\"kind\":\"lightgbm\",\"leaves\":63,\"rowFraction\":0.5}"));
        Assert.That(OrcJson.ToElement(Balanced()).GetRawText(), Is.EqualTo("\"balanced\""));
        Assert.That(OrcJson.ToElement(Weights(("yes", 5))).GetRawText(), Is.EqualTo("{\"yes\":5}"));
        Assert.That(OrcJson.ToElement(SweepFunctions.Tpe(40)).GetRawText(), Is.EqualTo("{\"kind\":\"tpe\",\"trials\":40}"));
        Assert.That(OrcJson.ToElement(SweepFunctions.LogUniform("l2", 0.1, 1)).GetRawText(), Is.EqualTo("{\"kind\":\"log-uniform\",\"name\":\"l2\",\"low\":0.1,\"high\":1}"));
    });

    [TestCase("[1]")]
    [TestCase("{\"leaves\":3}")]
    [TestCase("{\"kind\":\"lightgbm\",\"leaves\":\"many\"}")]
    public void Json_NoTrainer_IsRefused(string json) => Assert.That(() => JsonSerializer.Deserialize<Trainer>(json, OrcJson.Options), Throws.TypeOf<JsonException>());

    [TestCase("lightgmb", "there is no trainer \"lightgmb\"", "did you mean \"lightgbm\"?")]
    public void Check_UnknownKind_AsksForTheNearOne(string kind, string message, string help) =>
        Assert.That(new Trainer { Kind = kind }.Check().Single(), Is.EqualTo(new ValueProblem("kind", message, help)));

    [Test]
    public void Check_BadParameters_FindsEach()
    {
        var problems = JsonSerializer.Deserialize<Trainer>("{\"kind\":\"lightgbm\",\"leavs\":3,\"leaves\":1,\"rounds\":2.5}", OrcJson.Options)!.Check().ToList();

        Assert.That(problems, Is.EqualTo(new[]
        {
            new ValueProblem("leaves", "\"leaves\" is 1; it goes from 2 to 8192"),
            new ValueProblem("leavs", "trainer lightgbm has no parameter \"leavs\"", "did you mean \"leaves\"?"),
            new ValueProblem("rounds", "\"rounds\" is a whole number and is 2.5"),
        }));
    }

    [Test]
    public void Descriptors_OfTheActivities_DescribeEveryInput()
    {
        var sweep = ActivityDescriptor.Of(typeof(Sweep));
        var classifier = ActivityDescriptor.Of(typeof(TrainClassifier));
        Assert.Multiple(() =>
        {
            Assert.That(sweep.Inputs.Where(input => input.Required).Select(input => input.Name), Is.EquivalentTo(new[] { "train", "space", "metric" }));
            Assert.That(classifier.Inputs.Where(input => input.Required).Select(input => input.Name), Is.EquivalentTo(new[] { "data", "label" }));
            Assert.That(classifier.Inputs.Concat(sweep.Inputs).Where(input => string.IsNullOrEmpty(input.Help)), Is.Empty);
            Assert.That(classifier.Lane, Is.EqualTo(Lane.Process));
            Assert.That(sweep.Kind, Is.EqualTo(ActivityKind.Mapped));
        });
    }
}
