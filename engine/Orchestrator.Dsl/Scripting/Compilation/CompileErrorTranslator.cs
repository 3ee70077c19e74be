using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;
using Orchestrator.Dsl.Scripting.Authoring;
using Diagnostic = Orchestrator.Dsl.Diagnostics.Diagnostic;
using SourceText = Orchestrator.Dsl.Diagnostics.SourceText;

namespace Orchestrator.Dsl.Scripting.Compilation;

/// <summary>Turns the compiler's errors into findings: its code is kept in a note, and where the cause is a word of ours, the sentence is ours too.</summary>
internal sealed partial class CompileErrorTranslator(SourceText source, SemanticModel model, ScriptReferences references, Type inScope)
{
    /// <summary>More only repeat the first ones.</summary>
    private const int Most = 50;

    public ImmutableArray<Diagnostic> Translate(IEnumerable<Microsoft.CodeAnalysis.Diagnostic> errors)
    {
        var found = new DiagnosticBag();
        foreach (var error in errors.Where(error => error.Severity == DiagnosticSeverity.Error).DistinctBy(error => (error.Id, error.Location.SourceSpan)).Take(Most))
        {
            found.Add(Translate(error));
        }

        return found.ToSorted();
    }

    private Diagnostic Translate(Microsoft.CodeAnalysis.Diagnostic error)
    {
        var range = error.Location.IsInSource ? error.Location.SourceSpan : default;
        var span = source.Span(Math.Min(range.Start, source.Text.Length), Math.Min(range.End, source.Text.Length));
        var node = error.Location.IsInSource ? model.SyntaxTree.GetRoot().FindNode(range, getInnermostNodeForTie: true) : null;
        var note = new DiagnosticNote($"the C# compiler's code is {error.Id}");
        var text = error.GetMessage(CultureInfo.InvariantCulture).TrimEnd('.');
        return error.Id switch
        {
            "CS0103" or "CS0246" => UnknownName(span, node, note),
            "CS0117" or "CS1061" when node is not null && OwnerOf(node) is { } owner => UnknownMember(span, node, owner, note),
            "CS0200" when node is not null && OwnerOf(node) is { } owner && Is(owner, typeof(Activity)) => OutputSet(span, owner, note),
            "CS0029" or "CS0266" or "CS1503" when node is not null && ExpectedBy(node) is { } expected => WrongType(span, node, expected, note),
            "CS9035" when QuotedName().Match(text) is { Success: true } member => Missing(span, member.Groups["class"].Value, member.Groups["member"].Value, note),
            _ => ScriptErrors.DoesNotCompile(span, text, note),
        };
    }

    private Diagnostic UnknownName(SourceSpan span, SyntaxNode? node, DiagnosticNote note)
    {
        var name = node is GenericNameSyntax generic ? generic.Identifier.ValueText : span.Text;
        if (node is GenericNameSyntax)
        {
            span = source.Span(span.Start, span.Start + name.Length);
        }

        var isClass = node?.Ancestors().TakeWhile(ancestor => ancestor is not ArgumentSyntax).Any(ancestor => ancestor is ObjectCreationExpressionSyntax creation && creation.Type.Span.Contains(node.Span)) == true;
        var isCall = node?.Parent is InvocationExpressionSyntax call && call.Expression == node;
        var classes = references.Catalog.Classes.Select(activity => activity.Name).Distinct().ToList();
        IEnumerable<string> known = isClass ? classes : isCall ? Functions() : Variables().Concat(Functions()).Concat(classes);
        var near = NearNames.FindAll(name, known);
        if (near.Count == 0)
        {
            // Half a name: Logistic for LogisticRegression.
            near = [.. known.Where(candidate => name.Length > 2 && candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase)).Distinct().Take(3)];
        }

        var import = near.Count == 0 ? NamespaceWith(name) : null;
        var makers = node is not null && ExpectedBy(node) is { } expected ? MakersOf(WordFor(expected.Type)) : [];
        return ScriptErrors.UnknownName(span, name, isClass ? "class" : isCall ? "function" : "name", near, import, makers, note);
    }

    /// <summary>The functions that make a value of a type of this program, by the word for it: LightGbm() and its neighbours for Trainer.</summary>
    private IReadOnlyList<string> MakersOf(string type) => [.. FunctionMethods()
        .Where(method => method.ReturnType.Name == type && method.ReturnType.Namespace?.StartsWith("Orchestrator", StringComparison.Ordinal) == true)
        .Select(method => method.GetParameters().Length == 0 ? $"{method.Name}()" : $"{method.Name}(…)")
        .Distinct()];

    private IEnumerable<string> Functions() => FunctionMethods().Select(method => method.Name);

    private IEnumerable<System.Reflection.MethodInfo> FunctionMethods() => references.FunctionClasses
        .SelectMany(type => type.GetMethods(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.DeclaredOnly))
        .Concat(inScope.GetMethods(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.DeclaredOnly))
        .Where(method => !method.IsSpecialName);

    private IEnumerable<string> Variables() =>
        model.SyntaxTree.GetRoot().DescendantNodes().OfType<VariableDeclaratorSyntax>().Select(variable => variable.Identifier.ValueText);

    /// <summary>The namespace of a public class of that name that is not imported; null when there is none, or more than one.</summary>
    private string? NamespaceWith(string name)
    {
        var found = new List<string>();
        Visit(model.Compilation.GlobalNamespace);
        return found.Distinct().ToList() is [var only] ? only : null;

        void Visit(INamespaceSymbol space)
        {
            if (space.GetTypeMembers(name).Any(type => type.DeclaredAccessibility == Accessibility.Public))
            {
                found.Add(space.ToDisplayString());
            }

            foreach (var inner in space.GetNamespaceMembers())
            {
                Visit(inner);
            }
        }
    }

    /// <summary>The type on which a member was looked for.</summary>
    private ITypeSymbol? OwnerOf(SyntaxNode node) => node.Parent switch
    {
        MemberAccessExpressionSyntax access when access.Name == node => model.GetTypeInfo(access.Expression).Type ?? model.GetSymbolInfo(access.Expression).Symbol as ITypeSymbol,
        AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax { Parent: BaseObjectCreationExpressionSyntax creation } } => model.GetTypeInfo(creation).Type,
        _ => null,
    };

    private static Diagnostic UnknownMember(SourceSpan span, SyntaxNode node, ITypeSymbol owner, DiagnosticNote note)
    {
        var inInitializer = node.Parent is AssignmentExpressionSyntax;
        var members = AllMembers(owner).Where(member => member.DeclaredAccessibility == Accessibility.Public && !member.IsStatic && member.CanBeReferencedByName).ToList();
        var isActivity = Is(owner, typeof(Activity));
        var names = members
            .Where(member => inInitializer ? member is IPropertySymbol { SetMethod: not null } : member is IPropertySymbol or IMethodSymbol)
            .Where(member => member.ContainingType.SpecialType != SpecialType.System_Object && member.Name != nameof(Activity.Authoring))
            .Where(member => !isActivity || inInitializer || member is not IPropertySymbol property || Is(property.Type, typeof(Output)))
            .Select(member => member.Name)
            .Distinct()
            .ToList();
        var isCall = node.Parent?.Parent is InvocationExpressionSyntax call && call.Expression == node.Parent;
        var what = !isActivity ? "member" : inInitializer ? "input" : isCall ? "rule" : "output";
        var candidates = isActivity && isCall ? RuleNames().ToList() : names;
        return ScriptErrors.UnknownMember(span, NameOf(owner), span.Text, what, NearNames.FindAll(span.Text, candidates), candidates.Count <= 12 ? candidates : [], note);
    }

    // Our own classes go by what they are to the author.
    private static string NameOf(ITypeSymbol owner) => owner.Name switch
    {
        nameof(PipelineBuilder) => "a pipeline",
        nameof(StepContext) => "the context of a step",
        var name => name,
    };

    private static Diagnostic OutputSet(SourceSpan span, ITypeSymbol owner, DiagnosticNote note)
    {
        var inputs = AllMembers(owner).OfType<IPropertySymbol>().Where(property => property.SetMethod is not null && Is(property.Type, typeof(Input))).Select(property => property.Name).ToList();
        var near = inputs.Where(input => input.StartsWith(span.Text, StringComparison.Ordinal)).Concat(NearNames.FindAll(span.Text, inputs)).Distinct().ToList();
        return ScriptErrors.OutputSet(span, owner.Name, span.Text, near, inputs, note);
    }

    private static IEnumerable<string> RuleNames() =>
        typeof(ActivityRules).GetMethods(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static).Select(method => method.Name).Distinct();

    private static IEnumerable<ISymbol> AllMembers(ITypeSymbol type)
    {
        for (ITypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            foreach (var member in at.GetMembers())
            {
                yield return member;
            }
        }
    }

    /// <summary>The input or parameter that a value was written for.</summary>
    private (string Name, string Owner, ITypeSymbol Type)? ExpectedBy(SyntaxNode node)
    {
        foreach (var at in node.AncestorsAndSelf())
        {
            switch (at.Parent)
            {
                case AssignmentExpressionSyntax { Left: IdentifierNameSyntax left, Parent: InitializerExpressionSyntax { Parent: BaseObjectCreationExpressionSyntax creation } } assignment
                    when assignment.Right == at && model.GetSymbolInfo(left).Symbol is IPropertySymbol property && Is(property.Type, typeof(Input)):
                    return (property.Name, model.GetTypeInfo(creation).Type?.Name ?? "the activity", property.Type);
                case StatementSyntax:
                    return null;
                default:
                    break;
            }
        }

        return null;
    }

    private Diagnostic WrongType(SourceSpan span, SyntaxNode node, (string Name, string Owner, ITypeSymbol Type) expected, DiagnosticNote note)
    {
        var wanted = WordFor(expected.Type);
        var actual = node is ExpressionSyntax expression && model.GetTypeInfo(expression).Type is { TypeKind: not TypeKind.Error } type ? WordFor(type) : null;
        var isDuration = wanted == "duration" && actual == "string";
        return ScriptErrors.WrongType(span, expected.Owner, expected.Name, wanted, actual, isDuration ? $"Write Duration({span.Text})." : ScriptErrors.MadeBy(wanted, MakersOf(wanted)), note);
    }

    /// <summary>A type in the words of messages, as <see cref="ValueTypes.NameOf"/> has them for loaded types.</summary>
    private static string WordFor(ITypeSymbol type)
    {
        for (ITypeSymbol? at = type; at is INamedTypeSymbol named; at = at.BaseType)
        {
            if (named is { Name: "Input" or "Output" or "Param", TypeArguments: [var value] } && named.ContainingNamespace.ToDisplayString().StartsWith("Orchestrator.Core", StringComparison.Ordinal))
            {
                return WordFor(value);
            }
        }

        return type.SpecialType switch
        {
            SpecialType.System_String => "string",
            SpecialType.System_Boolean => "boolean",
            SpecialType.System_Int32 or SpecialType.System_Int64 => "integer",
            SpecialType.System_Double or SpecialType.System_Single or SpecialType.System_Decimal => "number",
            _ when type is INamedTypeSymbol { Name: "IReadOnlyList" or "List" or "InputList", TypeArguments: [var item] } => $"list of {WordFor(item)}",
            _ when type is IArrayTypeSymbol array => $"list of {WordFor(array.ElementType)}",
            _ when type.Name == nameof(TimeSpan) => "duration",
            _ when type.Name == nameof(System.Text.Json.JsonElement) => "json",
            _ when type.Name is nameof(ActivityTemplate) or nameof(ActivityInput) => "activity",
            _ when type.Name.EndsWith("Ref", StringComparison.Ordinal) => type.Name[..^3],
            _ => type.Name,
        };
    }

    private static bool Is(ITypeSymbol? type, Type wanted)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.Name == wanted.Name && type.ContainingNamespace?.ToDisplayString() == wanted.Namespace)
            {
                return true;
            }
        }

        return false;
    }

    private static Diagnostic Missing(SourceSpan span, string owner, string member, DiagnosticNote note) => ScriptErrors.MissingMember(span, owner, member, note);

    [GeneratedRegex("'(?:[^']*\\.)?(?<class>[^'.]+)\\.(?<member>[^'.]+)'")]
    private static partial Regex QuotedName();
}
