using System.Globalization;
using System.Text.Json;
using Acornima;
using Acornima.Ast;
using Orchestrator.Core.Values;

namespace Orchestrator.Dsl.Expressions;

/// <summary>
/// Writes an expression in its one spelling, which is the one that the operators of <see cref="Core.Definitions.Expr"/> print:
/// spaces around operators, parentheses where they matter only, double quotes, members by dot.
/// </summary>
internal static class CanonicalPrinter
{
    private const int Lowest = 0;
    private const int Conditional = 1;
    private const int Or = 2;
    private const int Unary = 13;
    private const int Member = 15;
    private const int Primary = 16;

    public static string Print(Node root, string text) => Write(root, Lowest, text);

    private static string Write(Node node, int needed, string text)
    {
        var (written, level) = Write(node, text);
        return level < needed ? $"({written})" : written;
    }

    private static (string Text, int Level) Write(Node node, string text) => node switch
    {
        Identifier identifier => (identifier.Name, Primary),
        StringLiteral literal => (JsonSerializer.Serialize(literal.Value, OrcJson.Options), Primary),
        NumericLiteral literal => (literal.Value.ToString("R", CultureInfo.InvariantCulture), Primary),
        Literal literal => (literal.Raw, Primary),
        ParenthesizedExpression inner => Write(inner.Expression, text),
        MemberExpression member => (WriteMember(member, text), Member),
        ChainExpression chain => Write(chain.Expression, text),
        CallExpression call => ($"{Write(call.Callee, Member, text)}{(call.Optional ? "?." : "")}({List(call.Arguments, text)})", Member),
        NonUpdateUnaryExpression unary => (WriteUnary(unary, text), Unary),
        BinaryExpression binary => WriteBinary(binary, text),
        ConditionalExpression either => ($"{Write(either.Test, Or, text)} ? {Write(either.Consequent, Conditional, text)} : {Write(either.Alternate, Conditional, text)}", Conditional),
        ArrayExpression array => ($"[{List(array.Elements, text)}]", Primary),
        ObjectExpression { Properties.Count: 0 } => ("{}", Primary),
        ObjectExpression members => ($"{{ {string.Join(", ", members.Properties.Select(property => Write(property, Lowest, text)))} }}", Primary),
        ObjectProperty property => ($"{WriteKey(property, text)}: {Write(property.Value, Conditional, text)}", Primary),
        SpreadElement spread => ($"...{Write(spread.Argument, Conditional, text)}", Primary),
        ArrowFunctionExpression arrow => ($"({string.Join(", ", arrow.Params.Select(parameter => Write(parameter, Lowest, text)))}) => {WriteBody(arrow, text)}", Conditional),
        TemplateLiteral template => (WriteTemplate(template, text), Primary),

        // Nothing else passes the checks; a definition that was never checked keeps its spelling.
        _ => (text[node.Start..node.End], Lowest),
    };

    private static string List(IEnumerable<Node?> items, string text) => string.Join(", ", items.Select(item => item is null ? "" : Write(item, Conditional, text)));

    private static string WriteMember(MemberExpression member, string text)
    {
        var of = Write(member.Object, member.Object is NumericLiteral ? Primary + 1 : Member, text);
        var dot = member.Optional ? "?." : "";
        return member switch
        {
            { Computed: false } => $"{of}{(member.Optional ? "?." : ".")}{Write(member.Property, Lowest, text)}",
            { Property: StringLiteral name } when IsName(name.Value) => $"{of}{(member.Optional ? "?." : ".")}{name.Value}",
            _ => $"{of}{dot}[{Write(member.Property, Lowest, text)}]",
        };
    }

    private static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static string WriteUnary(NonUpdateUnaryExpression unary, string text)
    {
        var symbol = NonUpdateUnaryExpression.OperatorToString(unary.Operator) ?? "";
        var operand = Write(unary.Argument, Unary, text);
        return char.IsLetter(symbol[0]) ? $"{symbol} {operand}" : symbol is "-" or "+" && operand.StartsWith(symbol, StringComparison.Ordinal) ? $"{symbol}({operand})" : symbol + operand;
    }

    private static (string Text, int Level) WriteBinary(BinaryExpression binary, string text)
    {
        var level = LevelOf(binary.Operator);
        var symbol = binary is LogicalExpression ? LogicalExpression.OperatorToString(binary.Operator) : NonLogicalBinaryExpression.OperatorToString(binary.Operator);
        var power = binary.Operator == Operator.Exponentiation;

        // Operators are left-associative, so the right side needs parentheses on its own level: a - (b - c). A power is the other way round.
        var left = Write(binary.Left, MixesNullish(binary, binary.Left) ? Unary : power ? Unary + 1 : level, text);
        var right = Write(binary.Right, MixesNullish(binary, binary.Right) ? Unary : power ? level : level + 1, text);
        return ($"{left} {symbol} {right}", level);
    }

    // JavaScript wants parentheses where ?? meets || or &&.
    private static bool MixesNullish(BinaryExpression outer, Node inner) =>
        inner is LogicalExpression logical && outer is LogicalExpression
        && (outer.Operator == Operator.NullishCoalescing) != (logical.Operator == Operator.NullishCoalescing);

    private static int LevelOf(Operator symbol) => symbol switch
    {
        Operator.NullishCoalescing or Operator.LogicalOr => Or,
        Operator.LogicalAnd => 3,
        Operator.BitwiseOr => 4,
        Operator.BitwiseXor => 5,
        Operator.BitwiseAnd => 6,
        Operator.Equality or Operator.Inequality or Operator.StrictEquality or Operator.StrictInequality => 7,
        Operator.LessThan or Operator.LessThanOrEqual or Operator.GreaterThan or Operator.GreaterThanOrEqual or Operator.In or Operator.InstanceOf => 8,
        Operator.LeftShift or Operator.RightShift or Operator.UnsignedRightShift => 9,
        Operator.Addition or Operator.Subtraction => 10,
        Operator.Multiplication or Operator.Division or Operator.Remainder => 11,
        Operator.Exponentiation => 12,
        _ => throw new ArgumentOutOfRangeException(nameof(symbol), symbol, "not a binary operator"),
    };

    private static string WriteKey(ObjectProperty property, string text) => property switch
    {
        { Computed: true } => $"[{Write(property.Key, Lowest, text)}]",
        { Key: StringLiteral name } when IsName(name.Value) => name.Value,
        _ => Write(property.Key, Lowest, text),
    };

    // Braces right after the arrow would be a block.
    private static string WriteBody(ArrowFunctionExpression arrow, string text) =>
        arrow.Body is ObjectExpression ? $"({Write(arrow.Body, Lowest, text)})" : Write(arrow.Body, Conditional, text);

    private static string WriteTemplate(TemplateLiteral template, string text)
    {
        var parts = template.Quasis.Select((quasi, i) =>
            text[quasi.Start..quasi.End].Trim('`') + (i < template.Expressions.Count ? $"${{{Write(template.Expressions[i], Lowest, text)}}}" : ""));
        return $"`{string.Concat(parts)}`";
    }
}
