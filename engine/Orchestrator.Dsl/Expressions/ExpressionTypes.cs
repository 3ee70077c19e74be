using Acornima;
using Acornima.Ast;
using Orchestrator.Core.Activities;

namespace Orchestrator.Dsl.Expressions;

/// <summary>What an expression yields, as far as its text tells.</summary>
internal enum ExpressionKind
{
    /// <summary>Nobody can say before it runs.</summary>
    Unknown = 0,
    Boolean,
    Number,
    Text,
    List,
    Object,
    Null,

    /// <summary>One output or parameter, whose type is declared.</summary>
    Declared,
}

/// <param name="Kind">What the value is.</param>
/// <param name="Declared">The declared type, for <see cref="ExpressionKind.Declared"/>.</param>
/// <param name="Reference">What declares it.</param>
internal readonly record struct ExpressionType(ExpressionKind Kind, Type? Declared = null, NameReference? Reference = null)
{
    public static ExpressionType Unknown => default;

    /// <summary>In the words of messages: <c>a boolean</c>.</summary>
    public string Name => Kind switch
    {
        ExpressionKind.Boolean => "boolean",
        ExpressionKind.Number => "number",
        ExpressionKind.Text => "string",
        ExpressionKind.List => "list",
        ExpressionKind.Object => "object",
        ExpressionKind.Null => "null",
        ExpressionKind.Declared when Declared is not null => ValueTypes.NameOf(Declared),
        _ => "json",
    };

    public bool CanBeBoolean => Kind is ExpressionKind.Unknown or ExpressionKind.Boolean || (Declared is { } type && (ValueTypes.IsJson(type) || (Nullable.GetUnderlyingType(type) ?? type) == typeof(bool)));

    public bool CanBeList => Kind is ExpressionKind.Unknown or ExpressionKind.List || (Declared is { } type && (ValueTypes.IsJson(type) || ValueTypes.ItemOf(type) is not null));
}

/// <summary>Infers what expressions yield. Silent when unsure.</summary>
internal static class ExpressionTypes
{
    /// <param name="syntax">An expression without problems.</param>
    /// <param name="typeOf">The declared type of what a reference names; null when it is not known.</param>
    public static ExpressionType Infer(ExpressionSyntax syntax, Func<NameReference, Type?> typeOf)
    {
        if (syntax.Plain is { } plain)
        {
            return typeOf(plain) is { } declared ? new ExpressionType(ExpressionKind.Declared, declared, plain) : ExpressionType.Unknown;
        }

        return syntax.Root is null ? ExpressionType.Unknown : Infer(syntax.Root, syntax, typeOf);
    }

    private static ExpressionType Infer(Node node, ExpressionSyntax syntax, Func<NameReference, Type?> typeOf)
    {
        ExpressionType Of(Node inner) => Infer(inner, syntax, typeOf);
        return node switch
        {
            BooleanLiteral => new(ExpressionKind.Boolean),
            NumericLiteral => new(ExpressionKind.Number),
            StringLiteral or TemplateLiteral => new(ExpressionKind.Text),
            NullLiteral => new(ExpressionKind.Null),
            ArrayExpression => new(ExpressionKind.List),
            ObjectExpression or ArrowFunctionExpression => new(ExpressionKind.Object),
            ParenthesizedExpression inner => Of(inner.Expression),
            MemberExpression member when syntax.References.FirstOrDefault(reference => reference.Offset == member.Start && reference.Length == member.End - member.Start) is { } reference =>
                typeOf(reference) is { } declared ? new(ExpressionKind.Declared, declared, reference) : ExpressionType.Unknown,
            NonUpdateUnaryExpression { Operator: Operator.LogicalNot } => new(ExpressionKind.Boolean),
            NonUpdateUnaryExpression { Operator: Operator.UnaryNegation or Operator.UnaryPlus or Operator.BitwiseNot } => new(ExpressionKind.Number),
            NonUpdateUnaryExpression { Operator: Operator.TypeOf } => new(ExpressionKind.Text),
            LogicalExpression logical => Both(Of(logical.Left), Of(logical.Right)),
            ConditionalExpression either => Both(Of(either.Consequent), Of(either.Alternate)),
            BinaryExpression binary => OfOperator(binary.Operator, Of(binary.Left), Of(binary.Right)),
            _ => ExpressionType.Unknown,
        };
    }

    private static ExpressionType Both(ExpressionType left, ExpressionType right) => left == right ? left : ExpressionType.Unknown;

    private static ExpressionType OfOperator(Operator symbol, ExpressionType left, ExpressionType right) => symbol switch
    {
        Operator.Equality or Operator.Inequality or Operator.StrictEquality or Operator.StrictInequality or Operator.LessThan or Operator.LessThanOrEqual
            or Operator.GreaterThan or Operator.GreaterThanOrEqual or Operator.In or Operator.InstanceOf => new(ExpressionKind.Boolean),
        Operator.Addition when IsText(left) || IsText(right) => new(ExpressionKind.Text),
        Operator.Addition when IsNumber(left) && IsNumber(right) => new(ExpressionKind.Number),
        Operator.Addition => ExpressionType.Unknown,
        _ => new(ExpressionKind.Number),
    };

    private static bool IsText(ExpressionType type) => type.Kind == ExpressionKind.Text || type.Declared == typeof(string);

    private static bool IsNumber(ExpressionType type) => type.Kind == ExpressionKind.Number || (type.Declared is { } declared && ValueTypes.IsNumber(declared));
}
