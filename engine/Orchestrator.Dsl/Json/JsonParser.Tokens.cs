using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Json;

/// <content>Texts, numbers, words, comments.</content>
internal sealed partial class JsonParser
{
    private JsonTextSyntax ParseText()
    {
        var start = at;
        var quote = text[at++];
        var plain = at;
        while (at < text.Length && text[at] != quote && text[at] >= ' ' && text[at] != '\\')
        {
            at++;
        }

        // Most texts have no escape and are one slice.
        var value = text[plain..at];
        var broken = false;
        if (at < text.Length && text[at] != quote && text[at] is not ('\r' or '\n'))
        {
            (value, broken) = ParseEscapedText(quote, value);
        }

        if (at == text.Length || text[at] != quote)
        {
            return UnclosedText(start);
        }

        at++;
        if (quote == '\'')
        {
            Report(DiagnosticCatalog.BareWord, start, at, "single quotes", "this text stands in single quotes", "Texts stand in double quotes.", disturbs: false);
        }

        return new JsonTextSyntax(start, value, broken) { End = at };
    }

    private JsonTextSyntax UnclosedText(int start)
    {
        at = EndOfLine(start);
        var end = at;
        while (end > start + 1 && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        Report(DiagnosticCatalog.UnclosedText, start, end, "no closing quote", "this text does not end on its line", "Close it with a double quote; a line end inside a text is written \\n.");
        if (text.AsSpan(start, end - start).ContainsAny("{}[]"))
        {
            // It may have swallowed brackets, and then everything after it is in doubt.
            Reliable = false;
            swallowed = true;
        }

        return new JsonTextSyntax(start, text[(start + 1)..end], broken: true) { End = end };
    }

    private (string Value, bool Broken) ParseEscapedText(char quote, string head)
    {
        var value = new StringBuilder(head);
        var broken = false;
        while (at < text.Length && text[at] != quote && text[at] is not ('\r' or '\n'))
        {
            if (text[at] == '\\')
            {
                broken |= !ParseEscape(value);
            }
            else
            {
                if (text[at] < ' ')
                {
                    Report(DiagnosticCatalog.BadEscape, at, at + 1, "control character", $"this text holds the control character U+{(int)text[at]:X4}", text[at] == '\t' ? "Write \\t." : $"Write \\u{(int)text[at]:x4}.", disturbs: false);
                }

                value.Append(text[at++]);
            }
        }

        return (value.ToString(), broken);
    }

    private bool ParseEscape(StringBuilder value)
    {
        var start = at++;
        var simple = at < text.Length ? text[at] switch
        {
            '"' => '"',
            '\\' => '\\',
            '/' => '/',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            _ => '\0',
        } : '\0';
        if (simple != '\0')
        {
            value.Append(simple);
            at++;
            return true;
        }

        if (at + 4 < text.Length && text[at] == 'u'
            && int.TryParse(text.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            value.Append((char)code);
            at += 5;
            return true;
        }

        at = Math.Min(at + 1, EndOfLine(start));
        var written = text[start..at];
        Report(
            DiagnosticCatalog.BadEscape,
            start,
            at,
            "unknown escape",
            $"{written} is not an escape that JSON knows",
            written.StartsWith("\\u", StringComparison.Ordinal) ? "Write \\u and four hexadecimal digits." : $"For a backslash itself write \\\\; in a pattern \\{written} means {written}.",
            disturbs: false);
        return false;
    }

    private JsonSyntax ParseNumber()
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '+' or '-' or '.' or '_'))
        {
            at++;
        }

        var raw = text[start..at];
        if (NumberPattern().IsMatch(raw) && double.IsFinite(double.Parse(raw, CultureInfo.InvariantCulture)))
        {
            return new JsonNumberSyntax(start, raw) { End = at };
        }

        var help = raw switch
        {
            "-Infinity" or "+Infinity" => "Write it as a text: \"-Infinity\" or \"Infinity\".",
            _ when Durations.TryParse(raw, out _) => $"A duration is a text: \"{raw}\".",
            _ => "Write it with digits, a point and perhaps an exponent: 12, -0.5, 1e-3.",
        };
        Report(DiagnosticCatalog.BadNumber, start, at, "not a JSON number", $"{Shown(raw)} is not a number that JSON knows", help, disturbs: false);
        return new JsonBrokenSyntax(start) { End = at };
    }

    private JsonSyntax ParseWord()
    {
        var start = at;
        while (at < text.Length && IsWordPart(text[at]))
        {
            at++;
        }

        var word = text[start..at];
        switch (word)
        {
            case "true":
                return new JsonWordSyntax(start, true) { End = at };
            case "false":
                return new JsonWordSyntax(start, false) { End = at };
            case "null":
                return new JsonWordSyntax(start, null) { End = at };
            default:
                var near = NearNames.FindAll(word == "None" ? "null" : word, ["true", "false", "null"]);
                Report(
                    DiagnosticCatalog.BareWord,
                    start,
                    at,
                    "not in quotes",
                    $"{Shown(word)} is neither true, false, null nor a number",
                    near.Count > 0 ? $"did you mean {near[0]}? A text stands in double quotes." : $"If it is a text, write \"{word}\".",
                    disturbs: false,
                    near);
                return new JsonBrokenSyntax(start) { End = at };
        }
    }

    private void SkipTrivia()
    {
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]) || text[at] == '\uFEFF')
            {
                at++;
            }
            else if (text[at] == '/' && at + 1 < text.Length && text[at + 1] == '/')
            {
                at = EndOfLine(at);
            }
            else if (text[at] == '/' && at + 1 < text.Length && text[at + 1] == '*')
            {
                SkipComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipComment()
    {
        var start = at;
        var end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
        if (end >= 0)
        {
            at = end + 2;
            return;
        }

        Report(DiagnosticCatalog.UnclosedComment, start, start + 2, "never closed", "this comment has no */", "Close it with */, or start a comment of one line with //.");
        at = text.Length;
        stopped = true;
        Reliable = false;
    }

    [GeneratedRegex(@"^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();
}
