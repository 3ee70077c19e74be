using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Acornima;
using Acornima.Ast;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Expressions;

/// <summary>An expression, parsed: what is wrong with it, what it refers to, and its one canonical spelling. Immutable.</summary>
public sealed partial class ExpressionSyntax
{
    /// <summary>Parsed expressions are kept up to this number; a definition repeats the same few.</summary>
    private const int MostKept = 4096;

    private static readonly ConcurrentDictionary<string, ExpressionSyntax> Kept = new(StringComparer.Ordinal);

    /// <summary>How deep the parts of an expression may nest, also by a chain of operators. Not a setting: what reads them has a stack of one size.</summary>
    public const int MaxDepth = 500;

    /// <summary>How many characters an expression may have.</summary>
    public const int MaxCharacters = 1 << 20;

    private ExpressionSyntax(string text, Node? root, ImmutableArray<ExpressionProblem> problems, ImmutableArray<NameReference> references, ImmutableArray<(int Offset, int Length)> items, ImmutableArray<(int Offset, int Length)> secrets)
    {
        Text = text;
        Root = root;
        Problems = problems;
        References = references;
        ItemPlaces = items;
        SecretPlaces = secrets;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The mistakes in it that can be seen without knowing the pipeline.</summary>
    public ImmutableArray<ExpressionProblem> Problems { get; }

    /// <summary>What it refers to, in the order of the text.</summary>
    public ImmutableArray<NameReference> References { get; }

    /// <summary>Where it says <c>item</c> or <c>index</c>.</summary>
    public ImmutableArray<(int Offset, int Length)> ItemPlaces { get; }

    /// <summary>The members of <c>item</c> that it reads, and where it names them.</summary>
    public ImmutableArray<(string Name, int Offset, int Length)> ItemMembers { get; private init; } = [];

    /// <summary>Where it names secrets. Nothing evaluates these: a text either is one secret and stays a reference, or is refused.</summary>
    public ImmutableArray<(int Offset, int Length)> SecretPlaces { get; }

    /// <summary>
    /// The one spelling of all expressions with the same tokens: double quotes, single spaces, no needless parentheses, members by dot.
    /// The same as the text for what cannot be parsed.
    /// </summary>
    public string Canonical => field ??= Root is null ? Text : CanonicalPrinter.Print(Root, Text);

    /// <summary>Null for plain references, which need no parser, and for what cannot be parsed.</summary>
    internal Node? Root { get; }

    /// <summary>The whole expression is one output or one parameter and nothing of it.</summary>
    internal NameReference? Plain => References is [var only] && only.Offset == 0 && only.Length == Text.Length ? only : null;

    public static ExpressionSyntax Parse(string text)
    {
        if (Kept.TryGetValue(text, out var known))
        {
            return known;
        }

        var made = ParsePlain(text) ?? ParseFull(text);
        if (Kept.Count < MostKept)
        {
            Kept.TryAdd(text, made);
        }

        return made;
    }

    /// <summary>Most expressions of a definition are one output; these never load the JavaScript parser.</summary>
    private static ExpressionSyntax? ParsePlain(string text)
    {
        var match = PlainReference().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var (root, name, member) = (match.Groups["root"], match.Groups["name"], match.Groups["member"]);
        if (root.Value == "params" ? member.Success : !member.Success)
        {
            return null;
        }

        var reference = new NameReference
        {
            Root = root.Value, Name = name.Value, NameOffset = name.Index, NameLength = name.Length, Member = member.Success ? member.Value : null,
            MemberOffset = member.Success ? member.Index : 0, MemberLength = member.Length, Offset = 0, Length = text.Length,
        };
        return new ExpressionSyntax(text, null, [], [reference], [], []);
    }

    private static ExpressionSyntax ParseFull(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Broken(text, new ExpressionProblem(DiagnosticCatalog.EmptyExpression, 0, text.Length, "nothing here", "the expression is empty", "Write what it should yield, for example tasks.split.train or params.seed."));
        }

        if (text.Length > MaxCharacters)
        {
            return Broken(text, TooLarge(text, string.Create(CultureInfo.InvariantCulture, $"the expression has {text.Length} characters; at most {MaxCharacters} are read")));
        }

        try
        {
            // Strict mode, since that is how it is evaluated.
            var root = new Parser(new ParserOptions { EcmaVersion = EcmaVersion.Latest }).ParseExpression(text, strict: true);
            if (IsTooDeep(root))
            {
                return Broken(text, TooDeep(text));
            }

            var walker = new ExpressionWalker(text);
            walker.Visit(root);
            return new ExpressionSyntax(text, root, walker.Problems(), walker.References(), walker.ItemPlaces(), walker.SecretPlaces()) { ItemMembers = walker.ItemMembers() };
        }
        catch (ParseErrorException wrong)
        {
            return Broken(text, SyntaxProblem(text, wrong));
        }
        catch (InsufficientExecutionStackException)
        {
            // The parser itself goes down into what it reads.
            return Broken(text, TooDeep(text));
        }
    }

    /// <summary>Looks with a list and not by calls: they are what must not go too deep.</summary>
    private static bool IsTooDeep(Node root)
    {
        var open = new Stack<(Node Node, int Depth)>([(root, 1)]);
        while (open.TryPop(out var at))
        {
            if (at.Depth > MaxDepth)
            {
                return true;
            }

            foreach (var child in at.Node.ChildNodes)
            {
                open.Push((child, at.Depth + 1));
            }
        }

        return false;
    }

    private static ExpressionProblem TooDeep(string text) =>
        TooLarge(text, string.Create(CultureInfo.InvariantCulture, $"the parts of the expression nest more than {MaxDepth} levels deep"));

    private static ExpressionProblem TooLarge(string text, string message) => new(
        DiagnosticCatalog.ExpressionTooLarge, 0, Math.Min(text.Length, 40), "too large", message, "Do the work in a task and refer to its output; sum up a list with reduce, or map over it.");

    private static ExpressionSyntax Broken(string text, ExpressionProblem problem) => new(text, null, [problem], [], [], []);

    private static ExpressionProblem SyntaxProblem(string text, ParseErrorException wrong)
    {
        var offset = Math.Clamp(wrong.Error.Index, 0, text.Length);
        var length = offset == text.Length ? 0 : TokenLength(text, offset);
        var what = offset == text.Length ? "the expression ends too early" : $"JavaScript does not understand {Shown(text.Substring(offset, length))} here";
        return new ExpressionProblem(DiagnosticCatalog.BadExpression, offset, length, offset == text.Length ? "something is missing" : "not understood", what, HelpFor(text));
    }

    // Words of other languages that people write in conditions.
    private static string? HelpFor(string text) => text.TrimStart().StartsWith("${", StringComparison.Ordinal) ? "This is an expression already: leave out ${ and }." : OtherLanguage().Match(text) is not { Success: true } match ? null : match.Value switch
    {
        "and" => "In JavaScript \"and\" is &&.",
        "or" => "In JavaScript \"or\" is ||.",
        "not" => "In JavaScript \"not\" is !.",
        "<>" => "In JavaScript \"not equal\" is !==.",
        _ => null,
    };

    private static int TokenLength(string text, int offset) => Token().Match(text, offset) is { Success: true } match && match.Index == offset ? match.Length : 1;

    private static string Shown(string token) => token.Length > 20 ? $"{token[..20]}..." : token;

    [GeneratedRegex(@"^(?<root>tasks|params)\.(?<name>[A-Za-z_][A-Za-z0-9_]*)(?:\.(?<member>[A-Za-z_][A-Za-z0-9_]*))?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex PlainReference();

    [GeneratedRegex(@"\b(and|or|not)\b|<>", RegexOptions.CultureInvariant)]
    private static partial Regex OtherLanguage();

    [GeneratedRegex(@"[\p{L}_$][\w$]*|\d[\w.]*|""(?:\\.|[^""\\])*""?|'(?:\\.|[^'\\])*'?|[=!<>&|?*+\-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Token();
}

/// <summary>A mistake in an expression. Offsets are characters of the expression's text.</summary>
public sealed record ExpressionProblem(DiagnosticRule Rule, int Offset, int Length, string Label, string Message, string? Help = null, string? Near = null);

/// <summary>One output or parameter that an expression refers to. Offsets are characters of the expression's text.</summary>
public sealed record NameReference
{
    /// <summary><c>tasks</c> or <c>params</c>.</summary>
    public required string Root { get; init; }

    /// <summary>The task or the parameter.</summary>
    public required string Name { get; init; }

    public int NameOffset { get; init; }

    public int NameLength { get; init; }

    /// <summary>The output; null when the expression takes all of a task's outputs, and for parameters.</summary>
    public string? Member { get; init; }

    public int MemberOffset { get; init; }

    public int MemberLength { get; init; }

    public int Offset { get; init; }

    public int Length { get; init; }

    /// <summary>True when the expression says what it does without the output: <c>tasks.a?.out</c>, <c>tasks.a.out ?? 0</c>.</summary>
    public bool Optional { get; init; }

    public bool IsTask => Root == "tasks";
}
