using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Dsl.Scripting.Authoring;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>Reads from a script's syntax where its author wrote what, and what its steps read.</summary>
internal sealed class ScriptAnalyzer(SemanticModel model)
{
    private static readonly string AuthoringNamespace = typeof(PipelineBuilder).Namespace ?? "";

    private readonly StepTracer tracer = new(model);

    public ScriptMap Analyze(CancellationToken cancellation)
    {
        var root = model.SyntaxTree.GetRoot(cancellation);
        var calls = ImmutableArray.CreateBuilder<ScriptCall>();
        var steps = ImmutableArray.CreateBuilder<StepCode>();
        foreach (var invocation in root.DescendantNodes().OfType<InvocationExpressionSyntax>())
        {
            cancellation.ThrowIfCancellationRequested();
            if (model.GetSymbolInfo(invocation, cancellation).Symbol is not IMethodSymbol method || !IsAuthoring(method))
            {
                continue;
            }

            calls.Add(Describe(invocation, method));
            if (method.Name == nameof(PipelineBuilder.Step) && ArgumentOf(invocation, method, "body") is { } body)
            {
                steps.Add(tracer.Trace(body));
            }
        }

        return new ScriptMap
        {
            Calls = calls.ToImmutable(),
            Steps = steps.ToImmutable(),
            Outputs = FindOutputs(root),
            Unsteady = UnsteadyCalls.Find(root, model, tracer.IsInStep, cancellation),
        };
    }

    private ImmutableArray<OutputUse> FindOutputs(SyntaxNode root)
    {
        var found = ImmutableArray.CreateBuilder<OutputUse>();
        foreach (var use in root.DescendantNodes().OfType<MemberAccessExpressionSyntax>())
        {
            if (IsOutput(model.GetTypeInfo(use).Type)
                && !tracer.IsInStep(use)
                && tracer.Follow(use) is { } path
                && use.Ancestors().FirstOrDefault(ancestor => ancestor is StatementSyntax or MemberDeclarationSyntax) is { } statement)
            {
                found.Add(new OutputUse(path, RangeOf(use), RangeOf(statement)));
            }
        }

        return found.ToImmutable();
    }

    private static bool IsOutput(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Name: nameof(Output), IsGenericType: true } && type.ContainingNamespace.ToDisplayString() == typeof(Output).Namespace;

    private static bool IsAuthoring(IMethodSymbol method) =>
        method.ContainingNamespace?.ToDisplayString() == AuthoringNamespace
        && method.ContainingType.Name is nameof(PipelineBuilder) or nameof(PipelineScript) or nameof(ActivityRules);

    private ScriptCall Describe(InvocationExpressionSyntax invocation, IMethodSymbol method)
    {
        var arguments = ImmutableSortedDictionary.CreateBuilder<string, TextRange>(StringComparer.Ordinal);
        AddArguments(arguments, invocation, method, prefix: "");
        var parameter = ArgumentOf(invocation, method, "activity");
        var creation = parameter is null ? null : Resolve(parameter) as BaseObjectCreationExpressionSyntax;
        var inputs = ImmutableSortedDictionary.CreateBuilder<string, InputRange>(StringComparer.Ordinal);
        if (creation is not null)
        {
            AddMembers(inputs, creation, path: "");
        }

        var open = invocation.ArgumentList.OpenParenToken;
        var first = invocation.ArgumentList.Arguments.FirstOrDefault()?.Expression;
        var name = invocation.Expression is MemberAccessExpressionSyntax access ? access.Name : invocation.Expression;
        return new ScriptCall
        {
            // RequiredParam tells itself apart by name only; its place says Param like the others.
            Method = method.Name == nameof(PipelineBuilder.RequiredParam) ? nameof(PipelineBuilder.Param) : method.Name,
            Line = open.GetLocation().GetLineSpan().StartLinePosition.Line + 1,
            Name = first is null ? null : model.GetConstantValue(first).Value as string,
            Range = new TextRange(name.SpanStart, invocation.Span.End),
            Arguments = arguments.ToImmutable(),
            Uses = creation is null ? null : UsesOf(creation),
            Inputs = inputs.ToImmutable(),
        };
    }

    private void AddArguments(IDictionary<string, TextRange> to, InvocationExpressionSyntax invocation, IMethodSymbol method, string prefix)
    {
        for (var i = 0; i < invocation.ArgumentList.Arguments.Count; i++)
        {
            var argument = invocation.ArgumentList.Arguments[i];
            if (NameOf(argument, i, method) is not { } parameter)
            {
                continue;
            }

            var path = prefix + parameter;
            to[path] = RangeOf(argument.Expression);
            if (prefix.Length == 0 && argument.Expression is InvocationExpressionSyntax inner && model.GetSymbolInfo(inner).Symbol is IMethodSymbol innerMethod)
            {
                AddArguments(to, inner, innerMethod, $"{path}/");
            }
            else if (argument.Expression is CollectionExpressionSyntax list)
            {
                for (var item = 0; item < list.Elements.Count; item++)
                {
                    to[$"{path}/{item}"] = RangeOf(list.Elements[item]);
                }
            }
        }
    }

    private static ExpressionSyntax? ArgumentOf(InvocationExpressionSyntax invocation, IMethodSymbol method, string parameter) =>
        invocation.ArgumentList.Arguments.Where((argument, index) => NameOf(argument, index, method) == parameter).FirstOrDefault()?.Expression;

    private static string? NameOf(ArgumentSyntax argument, int index, IMethodSymbol method) =>
        argument.NameColon?.Name.Identifier.ValueText ?? (index < method.Parameters.Length ? method.Parameters[index].Name : null);

    /// <summary>The members that an object initialiser sets, however deep, by their JSON path.</summary>
    private void AddMembers(IDictionary<string, InputRange> to, BaseObjectCreationExpressionSyntax creation, string path)
    {
        foreach (var member in (creation.Initializer?.Expressions ?? []).OfType<AssignmentExpressionSyntax>())
        {
            if (member.Left is IdentifierNameSyntax name)
            {
                var at = $"{path}/{JsonNamingPolicy.CamelCase.ConvertName(name.Identifier.ValueText)}";
                to[at] = new InputRange(RangeOf(member.Right), RangeOf(name));
                AddValue(to, member.Right, at);
            }
        }
    }

    private void AddValue(IDictionary<string, InputRange> to, ExpressionSyntax value, string path)
    {
        switch (value)
        {
            case BaseObjectCreationExpressionSyntax creation when IsActivity(model.GetTypeInfo(creation).Type):
                to[$"{path}/uses"] = new InputRange(UsesOf(creation), null);
                AddMembers(to, creation, $"{path}/with");
                break;
            case BaseObjectCreationExpressionSyntax creation:
                AddMembers(to, creation, path);
                break;
            case CollectionExpressionSyntax list:
                AddItems(to, list.Elements.Select(element => (SyntaxNode)(element is ExpressionElementSyntax single ? single.Expression : element)), path);
                break;
            case ImplicitArrayCreationExpressionSyntax array:
                AddItems(to, array.Initializer.Expressions, path);
                break;
            case ArrayCreationExpressionSyntax { Initializer: { } items }:
                AddItems(to, items.Expressions, path);
                break;
            case IdentifierNameSyntax when Resolve(value) is var behind && behind != value:
                AddValue(to, behind, path);
                break;
            default:
                break;
        }
    }

    private void AddItems(IDictionary<string, InputRange> to, IEnumerable<SyntaxNode> items, string path)
    {
        foreach (var (index, item) in items.Index())
        {
            var at = $"{path}/{index}";
            to[at] = new InputRange(RangeOf(item), null);
            if (item is ExpressionSyntax expression)
            {
                AddValue(to, expression, at);
            }
        }
    }

    /// <summary>The expression behind parentheses, rules (<c>new X().Retry(3)</c>) and a variable that is set where it is declared.</summary>
    private ExpressionSyntax Resolve(ExpressionSyntax expression) => expression switch
    {
        ParenthesizedExpressionSyntax inner => Resolve(inner.Expression),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call
            when model.GetSymbolInfo(call).Symbol is IMethodSymbol { ContainingType.Name: nameof(ActivityRules) } => Resolve(access.Expression),
        IdentifierNameSyntax when model.GetSymbolInfo(expression).Symbol is IFieldSymbol or ILocalSymbol
            && model.GetSymbolInfo(expression).Symbol?.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is VariableDeclaratorSyntax { Initializer.Value: { } value }
            && !value.Contains(expression) => Resolve(value),
        _ => expression,
    };

    private static bool IsActivity(ITypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.Name == nameof(Activity) && type.ContainingNamespace.ToDisplayString() == typeof(Activity).Namespace)
            {
                return true;
            }
        }

        return false;
    }

    private static TextRange UsesOf(BaseObjectCreationExpressionSyntax creation) =>
        RangeOf(creation is ObjectCreationExpressionSyntax named ? named.Type : creation.ArgumentList ?? (SyntaxNode)creation);

    private static TextRange RangeOf(SyntaxNode node) => new(node.SpanStart, node.Span.End);
}
