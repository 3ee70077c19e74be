using System.Text.Json;
using Orchestrator.Core.Values;

namespace Orchestrator.Core.Tests.Values;

public sealed class FormSchemaTests
{
    [TestCase("""{ "type": "string", "minLength": 3 }""", "\"ab\"", "has 2 characters and should have at least 3")]
    [TestCase("""{ "type": "string", "pattern": "^v[0-9]+$" }""", "\"x1\"", "does not match ^v[0-9]+$")]
    [TestCase("""{ "type": ["string", "null"] }""", "1", "should be string or null and is 1")]
    [TestCase("""{ "type": "integer" }""", "1.5", "should be integer and is 1.5")]
    [TestCase("""{ "exclusiveMinimum": 0 }""", "0", "is 0 and should be above 0")]
    [TestCase("""{ "items": { "type": "boolean" }, "minItems": 3 }""", "[true, 1]", "has 2 items and should have at least 3")]
    [TestCase("""{ "properties": { "a": { "const": 1 } }, "additionalProperties": false }""", """{ "b": 1 }""", "b: the form has no such field; it has a")]
    public void Check_AnswerThatDoesNotFit_SaysWhereAndWhy(string schema, string answer, string first) =>
        Assert.That(FormSchema.Check(JsonElement.Parse(schema), JsonElement.Parse(answer)).First().ToString(), Is.EqualTo(first));

    [TestCase("""{ "type": "integer" }""", "2.0")]
    [TestCase("""{ "type": "object", "properties": { "note": { "type": "string", "title": "Note", "format": "email" } } }""", """{ "other": [] }""")]
    [TestCase("""{ "items": { "enum": [1, 2] } }""", "[1, 2, 1]")]
    [TestCase("{}", "null")]
    public void Check_AnswerThatFits_FindsNothing(string schema, string answer)
    {
        Assert.That(FormSchema.CheckSchema(JsonElement.Parse(schema)), Is.Empty);
        Assert.That(FormSchema.Check(JsonElement.Parse(schema), JsonElement.Parse(answer)), Is.Empty);
    }

    [TestCase("[]", "a schema is an object and this is a list")]
    [TestCase("""{ "type": "text" }""", "type: a type is one of object, array, string, number, integer, boolean, null")]
    [TestCase("""{ "properties": { "a": { "minimun": 1 } } }""", "properties.a.minimun: forms do not know the keyword \"minimun\"")]
    [TestCase("""{ "oneOf": [] }""", "oneOf: forms do not know the keyword \"oneOf\"")]
    [TestCase("""{ "pattern": "(a" }""", "pattern: it is not a pattern that can be checked in bounded time")]
    [TestCase("""{ "pattern": "(?=a)b" }""", "pattern: it is not a pattern that can be checked in bounded time")]
    public void CheckSchema_OneThatCannotBeChecked_SaysWhereAndWhy(string schema, string start) =>
        Assert.That(FormSchema.CheckSchema(JsonElement.Parse(schema)).Single().ToString(), Does.StartWith(start));

    [Test]
    public void CheckSchema_EndlessNesting_IsBounded()
    {
        var schema = string.Concat(Enumerable.Repeat("""{ "items": """, 60)) + "{}" + new string('}', 60);
        Assert.That(FormSchema.CheckSchema(JsonElement.Parse(schema)).Single().Message, Is.EqualTo("it is nested more than 16 deep"));
    }
}
