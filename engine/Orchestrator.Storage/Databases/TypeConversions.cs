using System.Data;
using System.Text.Json;
using Dapper;
using Orchestrator.Core.Activities;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Databases;

/// <summary>How values of the engine look in columns, the same in every dialect: text, whole numbers and floating point only.</summary>
internal static class TypeConversions
{
    private static readonly Lock Gate = new();
    private static bool registered;

    /// <summary>Tells Dapper, whose table of conversions is one per process. Safe to call often.</summary>
    public static void Register()
    {
        lock (Gate)
        {
            if (registered)
            {
                return;
            }

            DefaultTypeMap.MatchNamesWithUnderscores = true;
            // Dapper asks its own table of types first, which would send instants to the driver as they are.
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
            // A truth is 0 or 1 in a whole number everywhere; drivers of servers would send their own type, which such a column does not take.
            SqlMapper.RemoveTypeMap(typeof(bool));
            SqlMapper.RemoveTypeMap(typeof(bool?));
            SqlMapper.AddTypeHandler(new Handler<bool>(value => value ? 1L : 0L, value => Convert.ToInt64(value, null) != 0));
            SqlMapper.AddTypeHandler(new Handler<DateTimeOffset>(value => ToMicroseconds(value), value => FromMicroseconds(Convert.ToInt64(value, null))));
            SqlMapper.AddTypeHandler(new Handler<JsonElement>(value => value.GetRawText(), value => ParseJson((string)value)));
            SqlMapper.AddTypeHandler(new Handler<Failure>(value => JsonSerializer.Serialize(value, OrcJson.Options), value => ParseFailure((string)value)));
            SqlMapper.AddTypeHandler(new Handler<RunId>(value => value.Value, value => new RunId((string)value)));
            SqlMapper.AddTypeHandler(new Handler<AttemptId>(value => value.Value, value => new AttemptId((string)value)));
            SqlMapper.AddTypeHandler(new Handler<TaskName>(value => value.Value, value => new TaskName((string)value)));
            SqlMapper.AddTypeHandler(new Handler<DefinitionHash>(value => value.Value, value => new DefinitionHash((string)value)));
            registered = true;
        }
    }

    /// <summary>The value as a driver takes it: null, long, double, string or byte[].</summary>
    public static object? ToColumn(object? value) => value switch
    {
        null or string or long or double or byte[] => value,
        int number => (long)number,
        bool truth => truth ? 1L : 0L,
        DateTimeOffset instant => ToMicroseconds(instant),
        RunId id => id.Value,
        AttemptId id => id.Value,
        TaskName name => name.Value,
        DefinitionHash hash => hash.Value,
        JsonElement json => json.GetRawText(),
        Failure failure => JsonSerializer.Serialize(failure, OrcJson.Options),
        _ => throw new ArgumentException($"a value of type {value.GetType()} has no form in a column", nameof(value)),
    };

    /// <summary>Microseconds, because that is what every dialect can hold exactly; a ninth digit would be lost in two of three.</summary>
    public static long ToMicroseconds(DateTimeOffset instant) => (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long value) => DateTimeOffset.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond);

    private static JsonElement ParseJson(string text) => JsonElement.Parse(text);

    private static Failure? ParseFailure(string text) => JsonSerializer.Deserialize<Failure>(text, OrcJson.Options);

    private sealed class Handler<T>(Func<T, object> toColumn, Func<object, T?> fromColumn) : SqlMapper.TypeHandler<T>
    {
        public override void SetValue(IDbDataParameter parameter, T? value) => parameter.Value = value is null ? DBNull.Value : toColumn(value);

        public override T? Parse(object value) => fromColumn(value);
    }
}
