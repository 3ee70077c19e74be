using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Orchestrator.Dsl.Scripting.Authoring;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>
/// Adds a call of <see cref="ScriptGuard.Enter"/> to every function of a script, so that recursion without an end is an exception and not the end of the process.
/// Lines and columns stay those of the author: <c>#line</c> says after each addition where the text was.
/// </summary>
internal sealed class DepthGuards(SemanticModel model, string path)
{
    /// <summary>The compiler takes no larger column in <c>#line</c>.</summary>
    private const int LastColumn = 60_000;

    private static readonly string Call = $"global::{typeof(ScriptGuard).FullName}.{nameof(ScriptGuard.Enter)}();";

    private readonly SortedList<int, string> additions = [];
    private readonly SourceText text = model.SyntaxTree.GetText();

    /// <summary>The script with its guards; the script itself when it has no function, or when its places could not be kept.</summary>
    public SyntaxTree Guarded(CancellationToken cancellation)
    {
        var tree = model.SyntaxTree;
        foreach (var node in tree.GetRoot(cancellation).DescendantNodes(descendIntoChildren: node => !IsStep(node)))
        {
            cancellation.ThrowIfCancellationRequested();
            Guard(node);
        }

        if (additions.Count == 0 || path.Contains('"', StringComparison.Ordinal) || text.Lines.Any(line => line.Span.Length > LastColumn))
        {
            return tree;
        }

        var guarded = new StringBuilder(text.Length + (additions.Count * 200));
        var from = 0;
        foreach (var (at, addition) in additions)
        {
            guarded.Append(text.ToString(TextSpan.FromBounds(from, at))).Append(addition);
            from = at;
        }

        guarded.Append(text.ToString(TextSpan.FromBounds(from, text.Length)));
        return CSharpSyntaxTree.ParseText(guarded.ToString(), (CSharpParseOptions)tree.Options, tree.FilePath, Encoding.UTF8, cancellation);
    }

    private void Guard(SyntaxNode node)
    {
        switch (node)
        {
            case BaseMethodDeclarationSyntax { Body: { } body }:
                InBlock(body);
                break;
            case LocalFunctionStatementSyntax { Body: { } body }:
                InBlock(body);
                break;
            case AccessorDeclarationSyntax { Body: { } body }:
                InBlock(body);
                break;
            case AnonymousFunctionExpressionSyntax { Block: { } body } when !IsTree((AnonymousFunctionExpressionSyntax)node):
                InBlock(body);
                break;
            case BaseMethodDeclarationSyntax { ExpressionBody: { } arrow } method:
                InArrow(arrow, YieldsNothing(model.GetDeclaredSymbol(method) as IMethodSymbol), end: method.SemicolonToken);
                break;
            case LocalFunctionStatementSyntax { ExpressionBody: { } arrow } function:
                InArrow(arrow, YieldsNothing(model.GetDeclaredSymbol(function) as IMethodSymbol), end: function.SemicolonToken);
                break;
            case AccessorDeclarationSyntax { ExpressionBody: { } arrow } accessor:
                InArrow(arrow, YieldsNothing(model.GetDeclaredSymbol(accessor)), end: accessor.SemicolonToken);
                break;
            case PropertyDeclarationSyntax { ExpressionBody: { } arrow } property:
                InArrow(arrow, nothing: false, end: property.SemicolonToken, open: "{ get { ", close: " } }");
                break;
            case IndexerDeclarationSyntax { ExpressionBody: { } arrow } indexer:
                InArrow(arrow, nothing: false, end: indexer.SemicolonToken, open: "{ get { ", close: " } }");
                break;
            case LambdaExpressionSyntax { ExpressionBody: { } body } lambda when !IsTree(lambda) && model.GetSymbolInfo(lambda).Symbol is IMethodSymbol symbol:
                Add(body.SpanStart, "{ ");
                AddStatements(body, YieldsNothing(symbol));
                Add(body.Span.End, "; }");
                break;
            default:
                break;
        }
    }

    private void InBlock(BlockSyntax body)
    {
        if (!body.OpenBraceToken.IsMissing)
        {
            Add(body.OpenBraceToken.Span.End, $"\n#line hidden\n{Call}\n{LineAt(body.OpenBraceToken.Span.End)}");
        }
    }

    /// <summary><c>=> value;</c> becomes <c>{ guard; return value; }</c>. The arrow goes into a comment, since text is only ever added.</summary>
    private void InArrow(ArrowExpressionClauseSyntax arrow, bool nothing, SyntaxToken end, string open = "{ ", string close = " }")
    {
        if (!end.IsMissing)
        {
            Add(arrow.ArrowToken.SpanStart, $"\n#line hidden\n{open}/*");
            Add(arrow.ArrowToken.Span.End, "*/");
            AddStatements(arrow.Expression, nothing);
            Add(end.Span.End, close);
        }
    }

    /// <summary>Each of the statements stands where the value stands, for whoever asks where the script is.</summary>
    private void AddStatements(ExpressionSyntax value, bool nothing)
    {
        var here = LineAt(value.SpanStart);
        Add(value.SpanStart, $"\n{here}{Call}\n{(nothing || value is ThrowExpressionSyntax ? "" : $"{here}return\n")}{here}");
    }

    private string LineAt(int position)
    {
        var at = text.Lines.GetLinePosition(position);
        return string.Create(CultureInfo.InvariantCulture, $"#line ({at.Line + 1},{at.Character + 1})-({at.Line + 1},{at.Character + 2}) \"{path}\"\n");
    }

    // Two additions at one place: the outer function's end comes after the inner one's, which was added later.
    private void Add(int position, string addition) => additions[position] = additions.TryGetValue(position, out var other)
        ? addition.StartsWith(' ') || addition.StartsWith(';') ? addition + other : other + addition
        : addition;

    private static bool YieldsNothing(IMethodSymbol? method) => method is null
        || method.ReturnsVoid
        || method is { IsAsync: true, ReturnType: INamedTypeSymbol { IsGenericType: false } };

    /// <summary>The code of a step runs with the step, in a process that may end; and its text, which the running script is told, finds what it reads.</summary>
    private bool IsStep(SyntaxNode node) => node is InvocationExpressionSyntax call
        && model.GetSymbolInfo(call).Symbol is IMethodSymbol { Name: nameof(PipelineBuilder.Step), ContainingType.Name: nameof(PipelineBuilder) };

    /// <summary>An expression tree is data, and holds no statements.</summary>
    private bool IsTree(AnonymousFunctionExpressionSyntax lambda) => model.GetTypeInfo(lambda).ConvertedType is { Name: "Expression" };
}
