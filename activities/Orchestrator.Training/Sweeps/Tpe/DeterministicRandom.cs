using System.Numerics;

namespace Orchestrator.Training.Sweeps.Tpe;

/// <summary>
/// A generator whose numbers depend on its two seeds only, on every machine and .NET version, so that a sweep asked again after a crash proposes the
/// same trials. xoshiro256** seeded by SplitMix64 (Blackman and Vigna, 2018 and 2015).
/// </summary>
internal sealed class DeterministicRandom
{
    private ulong a;
    private ulong b;
    private ulong c;
    private ulong d;

    public DeterministicRandom(long seed, long stream)
    {
        var state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL ^ Mix((ulong)stream + 0x632BE59BD9B4E019UL));
        a = Next(ref state);
        b = Next(ref state);
        c = Next(ref state);
        d = Next(ref state);
    }

    /// <summary>0 inclusive to 1 exclusive, 53 random bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>0 inclusive to <paramref name="limit"/> exclusive. The bias for limits far below 2^53 is not measurable.</summary>
    public int NextIndex(int limit) => (int)(NextDouble() * limit);

    /// <summary>A draw from the standard normal, by the polar method (Marsaglia 1964); its second number is dropped to keep no state.</summary>
    public double NextNormal()
    {
        while (true)
        {
            var x = 2 * NextDouble() - 1;
            var y = 2 * NextDouble() - 1;
            var s = x * x + y * y;
            if (s is > 0 and < 1)
            {
                return x * Math.Sqrt(-2 * Math.Log(s) / s);
            }
        }
    }

    /// <summary>SplitMix64's finaliser: a well mixed hash of one number.</summary>
    public static ulong Mix(ulong value)
    {
        value = unchecked((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL);
        value = unchecked((value ^ (value >> 27)) * 0x94D049BB133111EBUL);
        return value ^ (value >> 31);
    }

    private static ulong Next(ref ulong state) => Mix(state = unchecked(state + 0x9E3779B97F4A7C15UL));

    private ulong NextBits()
    {
        var result = unchecked(BitOperations.RotateLeft(b * 5, 7) * 9);
        var t = b << 17;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= t;
        d = BitOperations.RotateLeft(d, 45);
        return result;
    }
}
