using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Orchestrator.Assets.Datasets;

namespace Orchestrator.Data.Sources;

/// <summary>
/// What a column of texts holds, decided by all of its values and never by a sample: a type is kept only if no value would lose anything by it.
/// So 00123 makes a text, as do +49 and a number of more digits than an integer can hold.
/// </summary>
internal sealed class ColumnGuess(string name)
{
    private Kinds possible = Kinds.All;
    private bool plainNumber;
    private bool fraction;
    private bool huge;
    private Kinds zones;
    private (string Value, long Line, Kinds Before)? spoiler;

    [Flags]
    private enum Kinds
    {
        None = 0,
        Integer = 1,
        Number = 2,
        Boolean = 4,
        Date = 8,
        Timestamp = 16,
        All = Integer | Number | Boolean | Date | Timestamp,
        Zoned = 32,
        Local = 64,
    }

    public string Name { get; } = name;

    public long Values { get; private set; }

    public ColumnType Type => this switch
    {
        { Values: 0 } => ColumnType.Text,
        _ when possible.HasFlag(Kinds.Integer) => ColumnType.Integer,
        _ when possible.HasFlag(Kinds.Number) && plainNumber && (!huge || fraction) => ColumnType.Number,
        _ when possible.HasFlag(Kinds.Boolean) => ColumnType.Boolean,
        _ when possible.HasFlag(Kinds.Date) => ColumnType.Date,
        // Local and zoned times in one column are no common scale.
        _ when possible.HasFlag(Kinds.Timestamp) && zones is Kinds.Zoned or Kinds.Local => ColumnType.Timestamp,
        _ => ColumnType.Text,
    };

    /// <summary>True: a timestamp with an offset, to be brought to UTC.</summary>
    public bool IsZoned => zones == Kinds.Zoned;

    /// <summary>Why a column that began otherwise ended as text; null when there is nothing to say.</summary>
    public string? Note => this switch
    {
        { Values: 0 } => $"column \"{Name}\" has no value; it is kept as text",
        { spoiler: { } s } when s.Before != Kinds.All && s.Before != Kinds.None =>
            $"column \"{Name}\" is text because of \"{s.Value}\" in line {s.Line}; if that means a missing value, name it in missing",
        _ when huge && !fraction && Type == ColumnType.Text => $"column \"{Name}\" is text because its numbers have more digits than an integer can hold",
        _ => null,
    };

    /// <summary>Takes a value that is not missing, as UTF-8.</summary>
    public void Add(ReadOnlySpan<byte> value, long line)
    {
        Values++;
        if (possible == Kinds.None)
        {
            return;
        }

        var kinds = KindsOf(value);
        if ((possible & kinds) == Kinds.None && spoiler is null)
        {
            spoiler = (Shorten(value), line, possible);
        }

        possible &= kinds;
    }

    /// <summary>Takes a JSON value whose kind its syntax tells.</summary>
    public void AddKnown(ColumnType type, ReadOnlySpan<byte> value, long line)
    {
        Values++;
        var kinds = type switch
        {
            ColumnType.Integer => Plain(Kinds.Integer | Kinds.Number),
            ColumnType.Number => Plain(Kinds.Number),
            ColumnType.Boolean => Kinds.Boolean,
            // A JSON text is never a number, but JSON has no dates of its own.
            _ => KindsOf(value) & (Kinds.Date | Kinds.Timestamp),
        };
        fraction |= type == ColumnType.Number;
        if ((possible & kinds) == Kinds.None && spoiler is null)
        {
            spoiler = (Shorten(value), line, possible);
        }

        possible &= kinds;
    }

    private Kinds KindsOf(ReadOnlySpan<byte> value)
    {
        var trimmed = value.Trim((byte)' ');
        if (trimmed.IsEmpty)
        {
            return Kinds.None;
        }

        if (NumberKinds(trimmed) is var number and not Kinds.None)
        {
            return number;
        }

        // Dates and truth values are taken only as they stand; a stray blank makes a text.
        return value.Length switch
        {
            4 or 5 when Ascii.EqualsIgnoreCase(value, "true"u8) || Ascii.EqualsIgnoreCase(value, "false"u8) => Kinds.Boolean,
            10 when IsDate(value) => Kinds.Date | Kinds.Timestamp | Local(),
            >= 16 and <= 32 when IsDate(value[..10]) && TimeKinds(value[10..]) is var zone and not Kinds.None => SeenZone(zone) | Kinds.Timestamp,
            _ => Kinds.None,
        };
    }

    private Kinds Local()
    {
        zones |= Kinds.Local;
        return Kinds.None;
    }

    private Kinds SeenZone(Kinds zone)
    {
        zones |= zone;
        return Kinds.None;
    }

    private Kinds Plain(Kinds kinds)
    {
        plainNumber = true;
        return kinds;
    }

    private Kinds NumberKinds(ReadOnlySpan<byte> text)
    {
        var digits = text[0] == (byte)'-' ? text[1..] : text;
        if (digits.IsEmpty || (digits[0] == (byte)'0' && digits.Length > 1 && char.IsAsciiDigit((char)digits[1])))
        {
            return Kinds.None;
        }

        var rest = digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (rest < 0)
        {
            if (digits.Length > 18 && !(Utf8Parser.TryParse(text, out long _, out var used) && used == text.Length))
            {
                huge = true;
                return Plain(Kinds.Number);
            }

            return Plain(Kinds.Integer | Kinds.Number);
        }

        return IsFraction(digits, rest) ? Fraction() : IsNumberWord(text) ? Kinds.Number : Kinds.None;
    }

    private Kinds Fraction()
    {
        fraction = true;
        return Plain(Kinds.Number);
    }

    /// <summary>Digits, then a point with digits on at least one side of it, then perhaps an exponent. What overflows a double is none.</summary>
    private static bool IsFraction(ReadOnlySpan<byte> digits, int at)
    {
        var any = at > 0;
        if (digits[at] == (byte)'.')
        {
            var after = digits[(at + 1)..];
            var end = after.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            end = end < 0 ? after.Length : end;
            any |= end > 0;
            at += 1 + end;
        }

        if (!any)
        {
            return false;
        }

        if (at == digits.Length)
        {
            return true;
        }

        if ((digits[at] | 0x20) != 'e' || ++at == digits.Length)
        {
            return false;
        }

        at += digits[at] is (byte)'+' or (byte)'-' ? 1 : 0;
        return at < digits.Length
            && digits[at..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number);
    }

    private static bool IsNumberWord(ReadOnlySpan<byte> text)
    {
        var word = text[0] == (byte)'-' ? text[1..] : text;
        return Ascii.EqualsIgnoreCase(word, "inf"u8) || Ascii.EqualsIgnoreCase(word, "infinity"u8) || (text.Length == 3 && Ascii.EqualsIgnoreCase(text, "nan"u8));
    }

    private static bool IsDate(ReadOnlySpan<byte> text) =>
        text.Length == 10 && text[4] == (byte)'-' && text[7] == (byte)'-'
        && Two(text[..2], out var century) && Two(text[2..4], out var year) && Two(text[5..7], out var month) && Two(text[8..], out var day)
        && (century * 100) + year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth((century * 100) + year, month);

    /// <summary>The part after the date: T or a blank, hours and minutes, perhaps seconds with a fraction, perhaps Z or an offset.</summary>
    private static Kinds TimeKinds(ReadOnlySpan<byte> text)
    {
        if (text.Length < 6 || text[0] is not ((byte)'T' or (byte)' ') || text[3] != (byte)':'
            || !Two(text[1..3], out var hour) || hour > 23 || !Two(text[4..6], out var minute) || minute > 59)
        {
            return Kinds.None;
        }

        var rest = text[6..];
        if (rest.Length >= 3 && rest[0] == (byte)':')
        {
            if (!Two(rest[1..3], out var second) || second > 59)
            {
                return Kinds.None;
            }

            rest = rest[3..];
            if (!rest.IsEmpty && rest[0] == (byte)'.')
            {
                var end = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
                var count = end < 0 ? rest.Length - 1 : end;
                // A microsecond is the finest that is stored; finer ones stay texts rather than lose digits.
                if (count is 0 or > 6)
                {
                    return Kinds.None;
                }

                rest = rest[(1 + count)..];
            }
        }

        if (rest.IsEmpty)
        {
            return Kinds.Local;
        }

        return rest.SequenceEqual("Z"u8) || IsOffset(rest) ? Kinds.Zoned : Kinds.None;
    }

    private static bool IsOffset(ReadOnlySpan<byte> text) =>
        text[0] is (byte)'+' or (byte)'-'
        && ((text.Length == 6 && text[3] == (byte)':' && Two(text[1..3], out var hour) && hour <= 15 && Two(text[4..], out var minute) && minute <= 59)
            || (text.Length == 3 && Two(text[1..], out hour) && hour <= 15));

    private static bool Two(ReadOnlySpan<byte> text, out int number)
    {
        number = ((text[0] - '0') * 10) + (text[1] - '0');
        return char.IsAsciiDigit((char)text[0]) && char.IsAsciiDigit((char)text[1]);
    }

    private static string Shorten(ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(value.Length > 160 ? value[..160] : value);
        return text.Length <= 40 ? text : text[..37] + "...";
    }
}
