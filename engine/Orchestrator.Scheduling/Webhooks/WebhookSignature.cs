using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Scheduling.Webhooks;

/// <summary>What a check of a signature finds.</summary>
public enum SignatureVerdict
{
    Unknown = 0,
    Good,

    /// <summary>The request has none.</summary>
    Missing,

    /// <summary>It is not of this body and secret.</summary>
    Wrong,

    /// <summary>The request says that it was made too long ago, or too far in the future.</summary>
    OutOfWindow,
}

/// <summary>
/// Signatures of webhooks: HMAC-SHA-256 in lowercase hexadecimal digits. <c>X-Orc-Signature: t=SECONDS,v1=HEX</c> signs <c>SECONDS.BODY</c>, with the time of the request since 1970; this is the one to use.
/// <c>X-Hub-Signature-256: sha256=HEX</c>, as GitHub and others send it, signs the body alone, so that nothing but the signature itself tells a repetition.
/// </summary>
public static class WebhookSignature
{
    public const string Header = "X-Orc-Signature";
    public const string BodyHeader = "X-Hub-Signature-256";

    /// <summary>The value of <see cref="Header"/> for a body.</summary>
    public static string Sign(string secret, ReadOnlySpan<byte> body, DateTimeOffset at) => FormattableString.Invariant($"t={at.ToUnixTimeSeconds()},v1={Hex(secret, Timed(at.ToUnixTimeSeconds(), body))}");

    /// <param name="secret">What both sides know.</param>
    /// <param name="body">As it came, byte for byte.</param>
    /// <param name="header">Finds a header; null when the request has none of that name.</param>
    /// <param name="now">The time.</param>
    /// <param name="window">How far the time of the request may lie from it, before and after.</param>
    public static SignatureVerdict Verify(string secret, ReadOnlySpan<byte> body, Func<string, string?> header, DateTimeOffset now, TimeSpan window) =>
        Check(secret, body, header, now, window).Verdict;

    /// <summary>The same, with what was signed. Whoever has seen a request can write its header otherwise, and send it again: what was signed stays the same.</summary>
    internal static (SignatureVerdict Verdict, string Signed) Check(string secret, ReadOnlySpan<byte> body, Func<string, string?> header, DateTimeOffset now, TimeSpan window)
    {
        if (header(Header) is { } timed)
        {
            var parts = timed.Split(',').Select(part => part.Trim().Split('=', 2)).Where(part => part.Length == 2).ToLookup(part => part[0], part => part[1], StringComparer.Ordinal);
            if (!long.TryParse(parts["t"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return (SignatureVerdict.Wrong, "");
            }

            // The signature first: who cannot sign learns nothing of clocks. Two of them are there while a secret is changed.
            var expected = Hex(secret, Timed(seconds, body));
            var verdict = !parts["v1"].Any(given => IsSame(expected, given)) ? SignatureVerdict.Wrong
                : Math.Abs((decimal)now.ToUnixTimeSeconds() - seconds) > (decimal)window.TotalSeconds ? SignatureVerdict.OutOfWindow
                : SignatureVerdict.Good;
            return (verdict, FormattableString.Invariant($"t={seconds},v1={expected}"));
        }

        const string Prefix = "sha256=";
        var whole = Hex(secret, body);
        return header(BodyHeader) is not { } plain ? (SignatureVerdict.Missing, "")
            : plain.StartsWith(Prefix, StringComparison.Ordinal) && IsSame(whole, plain[Prefix.Length..]) ? (SignatureVerdict.Good, Prefix + whole)
            : (SignatureVerdict.Wrong, "");
    }

    private static byte[] Timed(long seconds, ReadOnlySpan<byte> body) => [.. Encoding.ASCII.GetBytes(FormattableString.Invariant($"{seconds}.")), .. body];

    private static string Hex(string secret, ReadOnlySpan<byte> text) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), text));

    /// <summary>In the same time wherever they differ.</summary>
    private static bool IsSame(string expected, string given) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(given));
}
