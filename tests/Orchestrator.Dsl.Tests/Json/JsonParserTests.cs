using CsCheck;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Json;

namespace Orchestrator.Dsl.Tests.Json;

internal sealed class JsonParserTests
{
    private static readonly string[] Pieces = ["{", "}", "[", "]", ",", ":", "\"", "\"a\"", "'b'", "1", "-", "true", "nul", "//", "/*", "*/", "\n", " ", "\\", "#", "ü", "\u0001"];

    [TestCase("""{ "a": [1, -2.5e3, true, false, null, "x\n\u00e9\"", {}], "b": { "c": [] } }""")]
    [TestCase("[]")]
    [TestCase("\"only text\"")]
    public void Parse_PlainJson_SameValueAsTheBaseLibrary(string text)
    {
        var (root, found) = Parse(text);
        Assert.That(found, Is.Empty);
        Assert.That(System.Text.Json.JsonElement.DeepEquals(root!.ToElement(), System.Text.Json.JsonElement.Parse(text)), Is.True);
    }

    [Test]
    public void Parse_CommentsAndTrailingCommas_AreTaken()
    {
        var (root, found) = Parse("// one\n{ /* two */ \"a\": [1, 2,], // three\n }\n");
        Assert.That(found, Is.Empty);
        Assert.That(root!.ToElement().GetRawText(), Is.EqualTo("""{"a":[1,2]}"""));
    }

    [Test]
    public void SourceOffset_BehindEscapes_PointsAtTheCharacterAsWritten()
    {
        var source = new SourceText("a.json", """{ "a": "x\u00e9\n\"tasks" }""");
        var (root, _) = JsonParser.Parse(source, ReadOptions.Default, new DiagnosticBag());
        var span = new JsonSourceMap(source, root!).TextIn("/a", 4, 5);
        Assert.That(span.Text, Is.EqualTo("tasks"));
    }

    [Test]
    public void FromBytes_Utf16AndByteOrderMarks_AreRead()
    {
        foreach (var encoding in new System.Text.Encoding[] { new System.Text.UTF8Encoding(true), System.Text.Encoding.Unicode, System.Text.Encoding.BigEndianUnicode })
        {
            var source = SourceText.FromBytes("a.json", [.. encoding.GetPreamble(), .. encoding.GetBytes("{ \"größe\": 1 }")]);
            Assert.That(source.Text, Is.EqualTo("{ \"größe\": 1 }"), encoding.WebName);
        }
    }

    [Test]
    public void PositionOf_AllKindsOfLineEnds_CountsLinesAsEditorsDo()
    {
        var source = new SourceText("a", "1\n2\r\n3\r4");
        Assert.That(new[] { 0, 2, 5, 7 }.Select(source.PositionOf), Is.EqualTo(new[] { (1, 1), (2, 1), (3, 1), (4, 1) }));
    }

    /// <summary>Whatever is typed: it ends, spans lie inside the text, and text that the base library takes has no finding.</summary>
    [Test]
    public void Parse_AnyText_EndsWithSpansInside() =>
        Gen.Int[0, Pieces.Length - 1].Array[0, 24].Select(picks => string.Concat(picks.Select(pick => Pieces[pick]))).Sample(
            text =>
            {
                var (root, found) = Parse(text);
                foreach (var diagnostic in found)
                {
                    Assert.That(diagnostic.Span.Start, Is.InRange(0, text.Length), text);
                    Assert.That(diagnostic.Span.End, Is.InRange(diagnostic.Span.Start, text.Length), text);
                    _ = DiagnosticRenderer.Render(diagnostic);
                }

                if (IsStrictJson(text))
                {
                    Assert.That(found, Is.Empty, text);
                    Assert.That(System.Text.Json.JsonElement.DeepEquals(root!.ToElement(), System.Text.Json.JsonElement.Parse(text)), Is.True, text);
                }
                else
                {
                    Assert.That(found.Count > 0, Is.Not.EqualTo(IsLenientJson(text)), text);
                }
            },
            iter: 20_000);

    private static (JsonSyntax? Root, IReadOnlyList<Diagnostic> Found) Parse(string text)
    {
        var found = new DiagnosticBag();
        var (root, _) = JsonParser.Parse(new SourceText("a.json", text), ReadOptions.Default, found);
        return (root, found.ToSorted());
    }

    private static bool IsStrictJson(string text) => IsJson(text, new());

    private static bool IsLenientJson(string text) => IsJson(text, new() { AllowTrailingCommas = true, CommentHandling = System.Text.Json.JsonCommentHandling.Skip });

    private static bool IsJson(string text, System.Text.Json.JsonDocumentOptions options)
    {
        try
        {
            using var document = System.Text.Json.JsonDocument.Parse(text, options);
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
