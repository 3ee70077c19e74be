using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Json;

/// <summary>
/// Parses JSON with comments and trailing commas. Recovers after a mistake and reports all of them; keeps the place of every value.
/// A parser of its own, since System.Text.Json stops at the first mistake and keeps no places.
/// </summary>
internal sealed partial class JsonParser
{
    private readonly SourceText source;
    private readonly string text;
    private readonly ReadOptions options;
    private readonly DiagnosticBag found;
    private readonly List<(char Bracket, int Start)> open = [];
    private int at;
    private bool stopped;

    /// <summary>True once a text without end has probably taken brackets with it, or a name is missing where one must stand: what brackets say after that is an echo.</summary>
    private bool swallowed;

    /// <summary>While true nothing is reported: what follows a mistake on its line is most often its echo.</summary>
    private bool disturbed;
    private int disturbedUntil;

    /// <summary>The first bracket whose closing one stands further left than its line: the one that is probably unclosed when one is.</summary>
    private int suspect = -1;

    private JsonParser(SourceText source, ReadOptions options, DiagnosticBag found)
    {
        this.source = source;
        text = source.Text;
        this.options = options;
        this.found = found;
    }

    /// <summary>False when the structure itself was in doubt, so that findings of later stages would be noise.</summary>
    public bool Reliable { get; private set; } = true;

    public static Diagnostic TooLarge(SourceText source, string size, ReadOptions options) => DiagnosticCatalog.TooLarge.At(
        source.Span(0, 0),
        "this file",
        $"the file has {size}; at most {options.MaxCharacters} characters are read",
        $"Put long data into a file of its own and name its path, or map over a list that a task yields. To raise the limit: {SettingNames.Raise(SettingNames.DefinitionCharacters)}");

    /// <summary>The file's value; null when there is none to speak of.</summary>
    public static (JsonSyntax? Root, bool Reliable) Parse(SourceText source, ReadOptions options, DiagnosticBag found)
    {
        if (source.FirstBadByte is { } bad)
        {
            found.Add(NotText(source, bad));
            return (null, false);
        }

        if (source.Text.Length > options.MaxCharacters)
        {
            found.Add(TooLarge(source, $"{source.Text.Length} characters", options));
            return (null, false);
        }

        var parser = new JsonParser(source, options, found);
        var root = parser.ParseFile();
        return (root, parser.Reliable);
    }

    private static Diagnostic NotText(SourceText source, int bad)
    {
        var mark = source.Text.IndexOf('\uFFFD', StringComparison.Ordinal);
        return DiagnosticCatalog.BadEncoding.At(
            source.Span(Math.Max(mark, 0), Math.Max(mark, 0) + 1),
            "not UTF-8",
            $"byte {bad + 1} of the file is not part of UTF-8 text",
            "Save the file as UTF-8. If it came out of a spreadsheet or an old editor, it is probably in Windows-1252.");
    }

    private JsonSyntax? ParseFile()
    {
        SkipTrivia();
        if (at == text.Length)
        {
            Reliable = false;
            if (!stopped && !found.HasErrors)
            {
                found.Add(DiagnosticCatalog.EmptyFile.At(
                    source.Span(0, 0), "nothing here", "the file holds no pipeline", "orc init writes a first one, from a table that you name."));
            }

            return null;
        }

        var root = ParseValue();
        SkipTrivia();
        if (at < text.Length && !stopped)
        {
            if (text[at] is '}' or ']')
            {
                Report(DiagnosticCatalog.WrongClosing, at, at + 1, "closes nothing", $"there is no open bracket that this {text[at]} could close", "Remove it, or add the opening one.");
                Reliable = false;
            }
            else
            {
                Report(DiagnosticCatalog.TextAfterEnd, at, EndOfLine(at), "after the end", "the file goes on after the end of its value", "Remove the rest, or move it inside the braces.");
            }
        }

        return root;
    }

    private JsonSyntax ParseValue()
    {
        if (at == text.Length)
        {
            return Missing("a value is missing at the end of the file");
        }

        return text[at] switch
        {
            '{' => ParseObject(),
            '[' => ParseArray(),
            '"' or '\'' => ParseText(),
            (>= '0' and <= '9') or '-' or '+' or '.' => ParseNumber(),
            '}' or ']' or ',' or ':' => Missing("a value is missing here"),
            var c when IsWordStart(c) => ParseWord(),
            _ => ParseUnexpected(),
        };
    }

    private JsonBrokenSyntax Missing(string message)
    {
        Report(DiagnosticCatalog.MissingValue, at, at, "a value belongs here", message, "Write a value: a text in double quotes, a number, true, false, null, { … } or [ … ].");
        return new JsonBrokenSyntax(at) { End = at };
    }

    private JsonBrokenSyntax ParseUnexpected()
    {
        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not (',' or '}' or ']' or ':' or '"' or '{' or '['))
        {
            at++;
        }

        at = Math.Max(at, start + 1);
        Report(
            DiagnosticCatalog.UnexpectedCharacter,
            start,
            at,
            "not JSON",
            $"{Shown(text[start..at])} is not a JSON value",
            text[start] == '#' ? "Comments start with //." : "Texts stand in double quotes.");
        return new JsonBrokenSyntax(start) { End = at };
    }

    private JsonSyntax ParseObject()
    {
        var made = new JsonObjectSyntax(at);
        if (!Enter('{'))
        {
            return new JsonBrokenSyntax(at) { End = at };
        }

        while (!stopped)
        {
            SkipTrivia();
            if (AtClosing('}', out var ended))
            {
                break;
            }

            if (ended)
            {
                continue;
            }

            ParseMember(made);
            ExpectComma('}', made.Members.Count > 0 && made.Members[^1].Value.IsBroken);
        }

        open.RemoveAt(open.Count - 1);
        made.End = at;
        return made;
    }

    private void ParseMember(JsonObjectSyntax made)
    {
        if (text[at] is not ('"' or '\'') && !IsWordStart(text[at]))
        {
            Reliable = false;
            if (text[at] is '{' or '[' or ':' || char.IsAsciiDigit(text[at]) || text[at] == '-')
            {
                Report(DiagnosticCatalog.UnexpectedCharacter, at, at + 1, "a name belongs here", $"a member's name is missing before {Shown(text[at].ToString())}", "Members of an object are written \"name\": value.");
                at += text[at] == ':' ? 1 : 0;
                swallowed = true;
                made.Members.Add(new JsonMemberSyntax("", at, at, ParseAfterColon()));
            }
            else
            {
                ParseUnexpected();
            }

            return;
        }

        var (name, nameStart, nameEnd) = ParseName();
        SkipTrivia();
        if (at < text.Length && text[at] == ':')
        {
            at++;
        }
        else
        {
            Report(DiagnosticCatalog.MissingColon, nameEnd, nameEnd, "a colon belongs here", $"there is no colon after the name \"{name}\"", $"Write \"{name}\": and then the value.");
            if (at == text.Length || text[at] is ',' or '}' or ']')
            {
                made.Members.Add(new JsonMemberSyntax(name, nameStart, nameEnd, new JsonBrokenSyntax(at) { End = at }));
                return;
            }
        }

        made.Members.Add(new JsonMemberSyntax(name, nameStart, nameEnd, ParseAfterColon()));
    }

    private JsonSyntax ParseAfterColon()
    {
        SkipTrivia();
        return ParseValue();
    }

    private (string Name, int Start, int End) ParseName()
    {
        var start = at;
        if (text[at] is '"' or '\'')
        {
            var name = ParseText();
            return (name.Value, start, at);
        }

        while (at < text.Length && IsWordPart(text[at]))
        {
            at++;
        }

        Report(DiagnosticCatalog.BareWord, start, at, "not in quotes", $"the name {text[start..at]} has no double quotes", $"Write \"{text[start..at]}\".", disturbs: false);
        return (text[start..at], start, at);
    }

    private JsonSyntax ParseArray()
    {
        var made = new JsonArraySyntax(at);
        if (!Enter('['))
        {
            return new JsonBrokenSyntax(at) { End = at };
        }

        while (!stopped)
        {
            SkipTrivia();
            if (AtClosing(']', out var ended))
            {
                break;
            }

            if (ended)
            {
                continue;
            }

            var before = at;
            var item = ParseValue();
            made.Items.Add(item);
            if (at == before && at < text.Length)
            {
                // Only a colon is a value nowhere and closes nothing; without this step it would be met for ever.
                at += text[at] == ':' ? 1 : 0;
                Reliable = false;
            }

            ExpectComma(']', item.IsBroken);
        }

        open.RemoveAt(open.Count - 1);
        made.End = at;
        return made;
    }

    private bool Enter(char bracket)
    {
        if (open.Count >= options.MaxDepth)
        {
            Report(DiagnosticCatalog.TooDeep, at, at + 1, $"level {open.Count + 1}", $"values nest more than {options.MaxDepth} levels deep", "Flatten the value, or put it into a file of its own.");
            stopped = true;
            Reliable = false;
            return false;
        }

        open.Add((bracket, at++));
        return true;
    }

    /// <summary>True at the end of the innermost bracket, which is then behind. <paramref name="again"/>: something else was dealt with and the loop should look again.</summary>
    private bool AtClosing(char closing, out bool again)
    {
        again = false;
        if (at == text.Length)
        {
            ReportUnclosed();
            return true;
        }

        if (text[at] == closing)
        {
            Suspect();
            at++;
            disturbed = false;
            return true;
        }

        if (text[at] == ',')
        {
            Report(DiagnosticCatalog.ExtraComma, at, at + 1, "nothing before this comma", "there is a comma with no value before it", "Remove it.", disturbs: false);
            at++;
            again = true;
            return false;
        }

        if (text[at] is not ('}' or ']'))
        {
            return false;
        }

        // The bracket of the other kind. When one around is open for it, this one was never closed; otherwise it is one too many.
        Reliable = false;
        var other = text[at] == '}' ? '{' : '[';
        if (open.Any(bracket => bracket.Bracket == other))
        {
            var (bracket, start) = open[^1];
            Report(
                DiagnosticCatalog.UnclosedBracket,
                start,
                start + 1,
                "never closed",
                $"this {bracket} has no {closing}",
                $"Add a {closing} before the {text[at]}.",
                note: new DiagnosticNote($"the {text[at]} that closes what is around it stands", source.Span(at, at + 1)));
            return true;
        }

        Report(DiagnosticCatalog.WrongClosing, at, at + 1, "closes nothing", $"there is no open {other} that this {text[at]} could close", $"Did you mean {closing}?");
        at++;
        SkipTrivia();

        // Its comma goes with it.
        at += at < text.Length && text[at] == ',' ? 1 : 0;
        again = true;
        return false;
    }

    private void ReportUnclosed()
    {
        Reliable = false;
        if (stopped || swallowed)
        {
            return;
        }

        stopped = true;
        var (bracket, start) = suspect >= 0 ? (text[suspect], suspect) : open[^1];
        var closing = bracket == '{' ? '}' : ']';
        var (line, column) = source.PositionOf(text.Length);
        disturbed = false;
        Report(
            DiagnosticCatalog.UnclosedBracket,
            start,
            start + 1,
            "never closed",
            $"this {bracket} has no {closing}",
            suspect >= 0 ? $"Add a {closing} where its value ends. By the indentation this is the one that is missing." : $"Add a {closing} where its value ends.",
            note: new DiagnosticNote($"the file ends at {line}:{column}"));
    }

    private void ExpectComma(char closing, bool afterBroken)
    {
        var end = at;
        SkipTrivia();
        if (at == text.Length || stopped || text[at] is '}' or ']')
        {
            return;
        }

        if (text[at] == ',')
        {
            at++;
            disturbed = false;
            return;
        }

        if (afterBroken)
        {
            return;
        }

        var next = closing == '}' ? "member" : "item";
        Report(DiagnosticCatalog.MissingComma, end, end, "a comma belongs here", $"there is no comma between this {next} and the next", "Add a comma.", disturbs: false);
    }

    /// <summary>Remembers the innermost bracket when the one that closes it starts a line further left than the bracket's own line.</summary>
    private void Suspect()
    {
        if (suspect >= 0 || open.Count == 0)
        {
            return;
        }

        // Backwards over white space only: in a file that is one long line, the start of the line is far away from most of it.
        var start = at;
        while (start > 0 && text[start - 1] is ' ' or '\t')
        {
            start--;
        }

        if (start > 0 && text[start - 1] != '\n')
        {
            return;
        }

        var indent = at - start;
        var (openStart, openIndent) = LineStartOf(open[^1].Start);
        if (openStart != start && indent < openIndent)
        {
            suspect = open[^1].Start;
        }
    }

    private (int Start, int Indent) LineStartOf(int offset)
    {
        var start = offset == 0 ? 0 : text.LastIndexOf('\n', offset - 1) + 1;
        var end = start;
        while (end < text.Length && text[end] is ' ' or '\t')
        {
            end++;
        }

        return (start, end - start);
    }

    private void Report(DiagnosticRule rule, int start, int end, string label, string message, string? help, bool disturbs = true, IReadOnlyList<string>? near = null, DiagnosticNote? note = null)
    {
        if ((disturbed && start < disturbedUntil) || (swallowed && rule.Code != DiagnosticCatalog.UnclosedText.Code))
        {
            return;
        }

        found.Add(rule.At(source.Span(start, end), label, message, help, near, note is { } fact ? [fact] : null));
        if (disturbs)
        {
            disturbed = true;
            disturbedUntil = EndOfLine(start) + 1;
        }
    }

    private int EndOfLine(int from) => text.IndexOfAny(['\r', '\n'], from) is > -1 and var end ? end : text.Length;

    private static string Shown(string what) => what.Length > 20 ? $"{what[..20]}..." : what;

    private static bool IsWordStart(char c) => char.IsLetter(c) || c is '_' or '$';

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' or '-' or '.';
}
