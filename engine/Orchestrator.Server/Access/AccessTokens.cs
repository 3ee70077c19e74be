using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Server.Access;

/// <summary>The secrets that the server hands out: 256 random bits each, so that a plain hash of one is enough to keep.</summary>
public static class AccessTokens
{
    /// <summary>What every API key begins with, for those who search for keys that got out.</summary>
    public const string KeyPrefix = "orc_";

    /// <summary>A new secret: 43 characters that need no escaping anywhere.</summary>
    public static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Writes an API key.</summary>
    /// <param name="id">The part that is no secret.</param>
    /// <param name="secret">The other.</param>
    public static string WriteKey(string id, string secret) => $"{KeyPrefix}{id}_{secret}";

    /// <summary>Takes an API key apart; false when it is none.</summary>
    public static bool TryReadKey(string key, out string id, out string secret)
    {
        (id, secret) = ("", "");
        if (!key.StartsWith(KeyPrefix, StringComparison.Ordinal) || key.IndexOf('_', KeyPrefix.Length) is not (> 0 and var second))
        {
            return false;
        }

        (id, secret) = (key[KeyPrefix.Length..second], key[(second + 1)..]);
        return id.Length is > 0 and <= 64 && secret.Length is > 0 and <= 128;
    }

    /// <summary>SHA-256 in lowercase hexadecimal.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Compares without telling by the time how much was right.</summary>
    public static bool AreEqual(string left, string right) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
