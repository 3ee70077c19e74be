using Orchestrator.Training.Evaluation.Resampling;

namespace Orchestrator.Training.Comparison;

/// <summary>McNemar's test: do two classifiers make the same number of mistakes on the same rows?</summary>
/// <param name="OnlyCandidateRight">b: rows that only the candidate gets right.</param>
/// <param name="OnlyBaselineRight">c: rows that only the baseline gets right.</param>
internal sealed record McNemar(int OnlyCandidateRight, int OnlyBaselineRight)
{
    /// <summary>Below this many discordant rows the χ² approximation is poor and the exact p counts.</summary>
    private const int FewDiscordant = 25;

    /// <summary>With continuity correction, one degree of freedom: (|b − c| − 1)² / (b + c), at least 0 (Edwards, Psychometrika 13, 1948).</summary>
    public double ChiSquared => Discordant == 0 ? 0 : Math.Pow(Math.Max(0, Math.Abs(OnlyCandidateRight - OnlyBaselineRight) - 1), 2) / Discordant;

    /// <summary>The p value of <see cref="ChiSquared"/>.</summary>
    public double ApproximateP => NormalDistribution.ChiSquaredTail(ChiSquared);

    /// <summary>The two-sided p value of a fair coin: 2·P(X ≤ min(b, c)), X binomial in b + c tosses, at most 1.</summary>
    public double ExactP
    {
        get
        {
            // In logarithms, since 2 to the power of the tosses leaves the range of numbers at a thousand of them.
            double logTerm = -Discordant * Math.Log(2), tail = 0;
            for (var k = 0; k <= Math.Min(OnlyCandidateRight, OnlyBaselineRight); k++)
            {
                tail += Math.Exp(logTerm);
                logTerm += Math.Log(Discordant - k) - Math.Log(k + 1);
            }

            return Math.Min(1, 2 * tail);
        }
    }

    /// <summary>The p value to read: exact with fewer than 25 discordant rows.</summary>
    public double P => Discordant < FewDiscordant ? ExactP : ApproximateP;

    private int Discordant => OnlyCandidateRight + OnlyBaselineRight;

    /// <param name="labels">n true classes.</param>
    /// <param name="candidate">n predicted classes.</param>
    /// <param name="baseline">n predicted classes.</param>
    public static McNemar Of(IReadOnlyList<int> labels, IReadOnlyList<int> candidate, IReadOnlyList<int> baseline)
    {
        int onlyCandidate = 0, onlyBaseline = 0;
        for (var row = 0; row < labels.Count; row++)
        {
            var (first, second) = (candidate[row] == labels[row], baseline[row] == labels[row]);
            onlyCandidate += first && !second ? 1 : 0;
            onlyBaseline += second && !first ? 1 : 0;
        }

        return new McNemar(onlyCandidate, onlyBaseline);
    }
}
