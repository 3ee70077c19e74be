using System.Numerics;

namespace Orchestrator.Training.Evaluation.Resampling;

/// <summary>
/// A random generator whose numbers are the same on every machine and every version of .NET, since evidence must be computable again:
/// xoshiro256** 1.0 (Blackman and Vigna, 2018), its state filled by SplitMix64 from a seed and a stream number.
/// </summary>
/// <remarks>A mutable struct: keep it in a local or a field, pass it by reference.</remarks>
internal struct SeededRandom
{
    private ulong s0;
    private ulong s1;
    private ulong s2;
    private ulong s3;

    /// <param name="seed">Any number.</param>
    /// <param name="stream">Which of the seed's independent sequences: the index of a resample, so that resamples can be drawn in parallel and in any order.</param>
    public SeededRandom(long seed, long stream = 0)
    {
        // Two rounds keep neighbouring seeds and neighbouring streams from sharing states.
        var start = unchecked((ulong)seed);
        var state = SplitMix(ref start) ^ unchecked((ulong)stream * 0xD1342543DE82EF95UL);
        s0 = SplitMix(ref state);
        s1 = SplitMix(ref state);
        s2 = SplitMix(ref state);
        s3 = SplitMix(ref state);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        unchecked
        {
            var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
            var shifted = s1 << 17;
            s2 ^= s0;
            s3 ^= s1;
            s1 ^= s2;
            s0 ^= s3;
            s2 ^= shifted;
            s3 = BitOperations.RotateLeft(s3, 45);
            return result;
        }
    }

    /// <summary>An index 0..<paramref name="count"/>−1. The bias of multiplying instead of rejecting is below count / 2⁶⁴, far under what any resample could show.</summary>
    public int NextIndex(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _);

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts the items in random order (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = NextIndex(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15UL;
            var mixed = state;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
            return mixed ^ (mixed >> 31);
        }
    }
}
