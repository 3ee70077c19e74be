using System.Security.Cryptography;
using Orchestrator.Core.Values;

namespace Orchestrator.Storage.Identifiers;

/// <summary>
/// Makes identifiers of 26 characters that sort by the time they were made: 48 bits of milliseconds and 80 random bits in Crockford's base 32
/// (the form of github.com/ulid/spec, 2.0). Inside one process each is greater than the one before, also when the clock stands still or goes back.
/// </summary>
public static class Ids
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly Lock Gate = new();
    private static long lastMilliseconds = -1;
    private static UInt128 lastRandom;

    public static string New(TimeProvider time)
    {
        lock (Gate)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > lastMilliseconds)
            {
                lastMilliseconds = now;
                lastRandom = DrawRandom();
            }
            else if (++lastRandom >> 80 != 0)
            {
                // The random part ran over: the next millisecond begins early.
                lastMilliseconds++;
                lastRandom = DrawRandom();
            }

            return Format(((UInt128)(ulong)lastMilliseconds << 80) | lastRandom);
        }
    }

    public static RunId NewRun(TimeProvider time) => new(New(time));

    public static AttemptId NewAttempt(TimeProvider time) => new(New(time));

    private static UInt128 DrawRandom()
    {
        Span<byte> bytes = stackalloc byte[10];
        RandomNumberGenerator.Fill(bytes);
        UInt128 value = 0;
        foreach (var next in bytes)
        {
            value = (value << 8) | next;
        }

        return value;
    }

    private static string Format(UInt128 value) => string.Create(26, value, (text, rest) =>
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(rest & 31)];
            rest >>= 5;
        }
    });
}
