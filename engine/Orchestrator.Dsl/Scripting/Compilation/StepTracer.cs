using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Orchestrator.Dsl.Scripting.Authoring;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>
/// Finds what the code of a step reads through its context: <c>ctx.Output(sweep.Best)</c> is the variable <c>sweep</c> and its member <c>Best</c>.
/// Which output that is, the evaluated script knows.
/// </summary>
internal sealed class StepTracer(SemanticModel model)
{
    private readonly HashSet<SyntaxNode> inSteps = [];

    /// <summary>True for code that runs with a step and not while the pipeline is written.</summary>
    public bool IsInStep(SyntaxNode node) => node.AncestorsAndSelf().Any(inSteps.Contains);

    public StepCode Trace(ExpressionSyntax body)
    {
        var reads = ImmutableArray.CreateBuilder<StepRead>();
        var untraced = ImmutableArray.CreateBuilder<TextRange>();
        if (CodeOf(body) is { } code)
        {
            Visit(code, reads, untraced, []);
        }
        else
        {
            untraced.Add(RangeOf(body));
        }

        return new StepCode { Text = body.ToString(), Reads = reads.ToImmutable(), Untraced = untraced.ToImmutable() };
    }

    /// <summary>The way from a variable of the script to a value; null when it starts or goes elsewhere.</summary>
    public ImmutableArray<string>? Follow(ExpressionSyntax expression)
    {
        var path = ImmutableArray.CreateBuilder<string>();
        return TryFollow(expression, expression, path) ? path.ToImmutable() : null;
    }

    /// <summary>The lambda or method behind an argument; null when it is computed.</summary>
    private SyntaxNode? CodeOf(ExpressionSyntax body) => body switch
    {
        AnonymousFunctionExpressionSyntax lambda => lambda,
        ParenthesizedExpressionSyntax inner => CodeOf(inner.Expression),
        IdentifierNameSyntax => model.GetSymbolInfo(body).Symbol?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() switch
        {
            VariableDeclaratorSyntax { Initializer.Value: AnonymousFunctionExpressionSyntax lambda } => lambda,
            MethodDeclarationSyntax method => method,
            LocalFunctionStatementSyntax function => function,
            _ => null,
        },
        _ => null,
    };

    private void Visit(SyntaxNode code, ImmutableArray<StepRead>.Builder reads, ImmutableArray<TextRange>.Builder untraced, HashSet<SyntaxNode> visited)
    {
        if (!visited.Add(code))
        {
            return;
        }

        inSteps.Add(code);
        foreach (var call in code.DescendantNodes().OfType<InvocationExpressionSyntax>())
        {
            if (model.GetSymbolInfo(call).Symbol is not IMethodSymbol method)
            {
                continue;
            }

            if (method.ContainingType?.Name == nameof(StepContext) && method.ContainingNamespace.ToDisplayString() == typeof(StepContext).Namespace)
            {
                Read(call, method, code, reads, untraced);
            }
            else if (method.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is { } own)
            {
                Visit(own, reads, untraced, visited);
            }
            else
            {
                // The context leaves the code that can be read: what happens with it there, nobody sees.
                untraced.AddRange(call.ArgumentList.Arguments.Where(argument => IsContext(argument.Expression)).Select(RangeOf));
            }
        }
    }

    private void Read(InvocationExpressionSyntax call, IMethodSymbol method, SyntaxNode code, ImmutableArray<StepRead>.Builder reads, ImmutableArray<TextRange>.Builder untraced)
    {
        if (method.Name == nameof(StepContext.Item))
        {
            reads.Add(new StepRead([], RangeOf(call)));
        }
        else if (method.Name is nameof(StepContext.Output) or nameof(StepContext.Param) && call.ArgumentList.Arguments is [var argument])
        {
            var path = ImmutableArray.CreateBuilder<string>();
            if (TryFollow(argument.Expression, code, path))
            {
                reads.Add(new StepRead(path.ToImmutable(), RangeOf(argument)));
            }
            else
            {
                untraced.Add(RangeOf(argument));
            }
        }
    }

    private bool IsContext(ExpressionSyntax expression) => model.GetTypeInfo(expression).Type is { Name: nameof(StepContext) };

    /// <summary>Writes down the way from a variable of the script to the value; false when it starts or goes elsewhere.</summary>
    private bool TryFollow(ExpressionSyntax expression, SyntaxNode code, ImmutableArray<string>.Builder path)
    {
        switch (expression)
        {
            case ParenthesizedExpressionSyntax inner:
                return TryFollow(inner.Expression, code, path);
            case CastExpressionSyntax cast:
                return TryFollow(cast.Expression, code, path);
            case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } sure:
                return TryFollow(sure.Operand, code, path);
            case MemberAccessExpressionSyntax access when model.GetSymbolInfo(access).Symbol is IPropertySymbol { IsStatic: false } or IFieldSymbol { IsStatic: false }:
                if (!TryFollow(access.Expression, code, path))
                {
                    return false;
                }

                path.Add(access.Name.Identifier.ValueText);
                return true;
            case ElementAccessExpressionSyntax { ArgumentList.Arguments: [var key] } element when model.GetConstantValue(key.Expression) is { HasValue: true, Value: int or string } constant:
                if (!TryFollow(element.Expression, code, path))
                {
                    return false;
                }

                path.Add($"[{constant.Value}]");
                return true;
            case IdentifierNameSyntax name:
                return TryFollowName(name, code, path);
            default:
                return false;
        }
    }

    private bool TryFollowName(IdentifierNameSyntax name, SyntaxNode code, ImmutableArray<string>.Builder path)
    {
        if (model.GetSymbolInfo(name).Symbol is not (IFieldSymbol or ILocalSymbol or IParameterSymbol or IPropertySymbol) || model.GetSymbolInfo(name).Symbol is not { } symbol)
        {
            return false;
        }

        var declared = symbol.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax();
        if (declared is not null && code.Contains(declared))
        {
            // A variable of the step's own code has a value only when the step runs; one that is set where it is declared stands for what it is set to.
            return declared is VariableDeclaratorSyntax { Initializer.Value: { } value } && TryFollow(value, code, path);
        }

        path.Add(symbol.Name);
        return true;
    }

    private static TextRange RangeOf(SyntaxNode node) => new(node.SpanStart, node.Span.End);
}
