using System.Collections.Frozen;
using System.Collections.Immutable;
using Acornima;
using Acornima.Ast;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Secrets;
using Orchestrator.Core.Values;
using Orchestrator.Dsl.Diagnostics;

namespace Orchestrator.Dsl.Expressions;

/// <summary>Goes through an expression once and collects what it refers to and what it may not do.</summary>
internal sealed class ExpressionWalker(string text)
{
    private static readonly string[] Roots = ["tasks", "params", "run", "item", "index", SecretRef.Root];

    private static readonly FrozenSet<string> Globals = FrozenSet.Create(
        StringComparer.Ordinal,
        "Math", "JSON", "Number", "String", "Boolean", "Array", "Object", "parseInt", "parseFloat", "isNaN", "isFinite", "NaN", "Infinity", "undefined");

    private static readonly FrozenSet<string> ForbiddenGlobals = FrozenSet.Create(
        StringComparer.Ordinal,
        "eval", "Function", "globalThis", "Date", "Symbol", "Proxy", "Reflect", "Promise", "WeakRef", "setTimeout", "setInterval", "require", "process", "console",
        "window", "System", "importNamespace", "arguments", "Intl", "Temporal", "Error", "RegExp", "Map", "Set", "BigInt", "escape", "unescape");

    // Ways to the engine's inside, to chance, and to texts of any length.
    private static readonly FrozenSet<string> ForbiddenMembers = FrozenSet.Create(
        StringComparer.Ordinal,
        "constructor", "__proto__", "prototype", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
        "random", "repeat", "padStart", "padEnd", "setPrototypeOf", "defineProperty", "defineProperties", "assign");

    private readonly List<ExpressionProblem> problems = [];
    private readonly List<NameReference> references = [];
    private readonly List<(int, int)> items = [];
    private readonly List<(int, int)> secrets = [];
    private readonly List<(string, int, int)> itemMembers = [];
    private readonly HashSet<string> locals = new(StringComparer.Ordinal);

    public ImmutableArray<NameReference> References() => [.. references.OrderBy(reference => reference.Offset)];

    public ImmutableArray<(int, int)> ItemPlaces() => [.. items];

    public ImmutableArray<(int, int)> SecretPlaces() => [.. secrets];

    public ImmutableArray<(string, int, int)> ItemMembers() => [.. itemMembers];

    public ImmutableArray<ExpressionProblem> Problems()
    {
        if (problems.Count == 0)
        {
            CompareWithCore();
        }

        return [.. problems.OrderBy(problem => problem.Offset)];
    }

    public void Visit(Node? node, bool optional = false)
    {
        switch (node)
        {
            case null or TemplateElement:
                break;
            case Identifier identifier:
                VisitName(identifier);
                break;
            case MemberExpression member:
                VisitMember(member, optional);
                break;
            case ChainExpression chain:
                Visit(chain.Expression, optional: true);
                break;
            case LogicalExpression { Operator: Operator.NullishCoalescing } either:
                Visit(either.Left, optional: true);
                Visit(either.Right);
                break;
            case ArrowFunctionExpression arrow:
                VisitArrow(arrow);
                break;
            case ObjectProperty { Method: false, Kind: PropertyKind.Init } property:
                if (property.Computed)
                {
                    Visit(property.Key);
                }

                Visit(property.Value);
                break;
            case NonUpdateUnaryExpression { Operator: Operator.Delete or Operator.Void } unary:
                Forbid(unary, "changes or drops values");
                break;
            case Literal { Kind: TokenKind.BigIntLiteral } big:
                Forbid(big, "has no counterpart in JSON; write the number without n");
                break;
            case CallExpression or Literal or BinaryExpression or NonUpdateUnaryExpression or ConditionalExpression or ArrayExpression or ObjectExpression or SpreadElement or TemplateLiteral or ParenthesizedExpression:
                foreach (var child in node.ChildNodes)
                {
                    Visit(child);
                }

                break;
            default:
                Forbid(node, WhyNot(node));
                break;
        }
    }

    private void VisitName(Identifier identifier)
    {
        var name = identifier.Name;
        if (locals.Contains(name) || Globals.Contains(name) || name == "run")
        {
            return;
        }

        if (name == SecretRef.Root)
        {
            secrets.Add((identifier.Start, identifier.End - identifier.Start));
        }
        else if (name is "item" or "index")
        {
            items.Add((identifier.Start, identifier.End - identifier.Start));
        }
        else if (name is "tasks" or "params")
        {
            Add(DiagnosticCatalog.ComputedReference, identifier, "no name follows", $"\"{name}\" stands alone", name == "tasks" ? "Name the task and its output: tasks.train.model." : "Name the parameter: params.seed.");
        }
        else if (ForbiddenGlobals.Contains(name))
        {
            Forbid(identifier, name == "Date" ? "gives another result at another time; the time a run is for is run.logicalDate" : "could reach beyond the values of the run");
        }
        else
        {
            var known = Roots.Concat(locals);
            problems.Add(new ExpressionProblem(
                DiagnosticCatalog.UnknownNameInExpression,
                identifier.Start,
                identifier.End - identifier.Start,
                "unknown name",
                $"the expression uses \"{name}\", which it does not know",
                NearNames.Question(name, known) ?? $"If it is a text, put it in quotes: '{name}'. A parameter is params.{name}.",
                NearNames.Find(name, known)));
        }
    }

    private void VisitMember(MemberExpression member, bool optional)
    {
        if (SecretPlaceOf(member) is { } place)
        {
            secrets.Add(place);
            return;
        }

        if (member.Object is Identifier { Name: "tasks" or "params" } root && !locals.Contains(root.Name))
        {
            AddReference(root, member, null, optional);
            return;
        }

        if (member.Object is MemberExpression { Object: Identifier { Name: "tasks" } tasks } task && !locals.Contains("tasks"))
        {
            if (NameOf(member) is not null)
            {
                AddReference(tasks, task, member, optional || member.Optional);
                return;
            }

            AddReference(tasks, task, null, optional || member.Optional);
            Add(DiagnosticCatalog.ComputedReference, member.Property, "computed", "the name of the output is computed", "Write the output's name: tasks.train.model.");
            Visit(member.Property);
            return;
        }

        if (member.Object is Identifier { Name: "item" } && !locals.Contains("item") && NameOf(member) is { } part)
        {
            itemMembers.Add((part, member.Property.Start, member.Property.End - member.Property.Start));
        }

        Visit(member.Object, optional && member.Object is MemberExpression);
        if (member.Computed)
        {
            Visit(member.Property);
        }

        if (NameOf(member) is { } name && ForbiddenMembers.Contains(name))
        {
            Forbid(member.Property, name switch
            {
                "random" => "gives another result each time; use a seed from params",
                "repeat" or "padStart" or "padEnd" => "could make a text of any length",
                _ => "could reach beyond the values of the run",
            });
        }
    }

    /// <summary>Where all of <c>secrets.env.NAME</c> stands; null for what does not begin with <c>secrets</c>.</summary>
    private (int Start, int Length)? SecretPlaceOf(MemberExpression member) => member.Object switch
    {
        Identifier { Name: SecretRef.Root } when !locals.Contains(SecretRef.Root) => (member.Start, member.End - member.Start),
        MemberExpression inner when SecretPlaceOf(inner) is not null => (member.Start, member.End - member.Start),
        _ => null,
    };

    private void AddReference(Identifier root, MemberExpression named, MemberExpression? member, bool optional)
    {
        var whole = member ?? named;
        if (NameOf(named) is not { } name)
        {
            Add(DiagnosticCatalog.ComputedReference, named.Property, "computed", $"the name after \"{root.Name}\" is computed", root.Name == "tasks" ? "Write the task's name: tasks.train.model." : "Write the parameter's name: params.seed.");
            Visit(named.Property);
            return;
        }

        if (named.Optional)
        {
            Add(DiagnosticCatalog.ComputedReference, named, "?. after the root", $"\"{root.Name}\" itself is always there", $"Write {root.Name}.{name}{(root.Name == "tasks" ? "?." : "")} instead.");
            return;
        }

        references.Add(new NameReference
        {
            Root = root.Name,
            Name = name,
            NameOffset = named.Property.Start,
            NameLength = named.Property.End - named.Property.Start,
            Member = member is null ? null : NameOf(member),
            MemberOffset = member?.Property.Start ?? 0,
            MemberLength = member is null ? 0 : member.Property.End - member.Property.Start,
            Offset = whole.Start,
            Length = whole.End - whole.Start,

            // Whoever takes the task as a whole asks whether it has outputs at all.
            Optional = optional || (member is null && root.Name == "tasks"),
        });
    }

    private void VisitArrow(ArrowFunctionExpression arrow)
    {
        if (arrow.Async || arrow.Body is BlockStatement || arrow.Params.Any(parameter => parameter is not Identifier))
        {
            Forbid(arrow, "is more than an expression; write parameters => expression");
            return;
        }

        var added = new List<string>();
        foreach (var parameter in arrow.Params.Cast<Identifier>())
        {
            if (parameter.Name is "tasks" or "params" or "run")
            {
                Forbid(parameter, "would hide what the name means in expressions; choose another name");
            }
            else if (locals.Add(parameter.Name))
            {
                added.Add(parameter.Name);
            }
        }

        Visit(arrow.Body);
        locals.ExceptWith(added);
    }

    /// <summary>
    /// The engine finds dependencies by a pattern over the text, without a parser. Where the two disagree the expression is refused,
    /// so that no dependency is ever missed at run time.
    /// </summary>
    private void CompareWithCore()
    {
        var seen = ExpressionReferences.Find(text);
        foreach (var reference in references.Where(reference => !seen.Any(other => other.Root == reference.Root && other.Name == reference.Name && other.Offset == reference.Offset)))
        {
            problems.Add(new ExpressionProblem(
                DiagnosticCatalog.ComputedReference, reference.Offset, reference.Length, "not written plainly", $"this reference to \"{reference.Name}\" is written in a way that hides it", $"Write it without comments and escapes: {reference.Root}.{reference.Name}."));
        }

        foreach (var other in seen.Where(other => !references.Any(reference => reference.Root == other.Root && reference.Name == other.Name && reference.Offset == other.Offset)))
        {
            problems.Add(new ExpressionProblem(
                DiagnosticCatalog.ComputedReference, other.Offset, other.Length, "no reference here", "this looks like a reference and is only text", "Leave it out of comments and of texts in back quotes."));
        }
    }

    private static string? NameOf(MemberExpression member) => member switch
    {
        { Computed: false, Property: Identifier name } => name.Name,
        { Computed: true, Property: StringLiteral name } => name.Value,
        _ => null,
    };

    private void Forbid(Node node, string why)
    {
        var shown = text[node.Start..node.End];
        Add(DiagnosticCatalog.ForbiddenInExpression, node, "not allowed", $"{(shown.Length > 40 ? $"{shown[..37]}..." : shown)} {why}", null);
    }

    private void Add(DiagnosticRule rule, Node node, string label, string message, string? help) =>
        problems.Add(new ExpressionProblem(rule, node.Start, node.End - node.Start, label, message, help));

    private static string WhyNot(Node node) => node.Type switch
    {
        NodeType.AssignmentExpression => "assigns; to compare, write ===",
        NodeType.UpdateExpression => "assigns",
        NodeType.NewExpression or NodeType.ClassExpression => "makes an object of a class",
        NodeType.FunctionExpression => "is more than an expression; write parameters => expression",
        NodeType.ThisExpression => "could reach beyond the values of the run",
        NodeType.SequenceExpression => "computes values and drops them",
        _ => "is more than an expression that computes a value",
    };
}
