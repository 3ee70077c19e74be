using System.Text.Json;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Activities;

public sealed class ReferenceInputTests
{
    [Test]
    public void FromText_WritesTheTextAsItsBinding()
    {
        ReferenceInput<Parcel> input = "parcels:/red@latest";

        Assert.That(input.Binding!.Value.GetString(), Is.EqualTo("parcels:/red@latest"));
        Assert.That(() => input.Value, Throws.InvalidOperationException, "a name has no value before it is resolved");
    }

    [Test]
    public void FromText_AfterBind_HasTheResolvedValue()
    {
        ReferenceInput<Parcel> input = "parcels:/red@latest";

        input.Bind(OrcJson.ToElement(new Parcel("red")));

        Assert.That(input.Value, Is.EqualTo(new Parcel("red")));
    }

    [Test]
    public void FromValueAndExpression_BehavesAsAnyInput()
    {
        ReferenceInput<Parcel> literal = new Parcel("blue");
        ReferenceInput<Parcel> parameter = new Param<string>("which");

        Assert.That(literal.Value, Is.EqualTo(new Parcel("blue")));
        Assert.That(parameter.Binding!.Value.GetString(), Is.EqualTo("${params.which}"));
    }

    [Test]
    public void Descriptor_KnowsTheValueTypeAndThatItIsOptional()
    {
        var descriptor = ActivityDescriptor.Of(typeof(Send));

        Assert.That(descriptor.FindInput("what")!.ValueType, Is.EqualTo(typeof(Parcel)));
        Assert.That(descriptor.FindInput("what")!.Required, Is.False);
        Assert.That(descriptor.ReadBindings(new Send { What = "parcels:/red@latest" })["what"].GetString(), Is.EqualTo("parcels:/red@latest"));
    }

    private sealed record Parcel(string Colour) : INamedReference
    {
        public static string Scheme => "parcels";
    }

    [Activity("test.send", Title = "Send", Summary = "Sends a parcel.")]
    private sealed class Send : Activity
    {
        public ReferenceInput<Parcel>? What { get; set; }

        protected internal override Task ExecuteAsync(ActivityContext context) => Task.CompletedTask;
    }
}
