using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Runtime.Secrets;

/// <summary>
/// The form of a sealed secret: <c>ORS</c>, the form's version (1), 8 bytes that tell the key, 12 of nonce, 16 of tag, and the value under AES-256-GCM. Header and
/// name are authenticated with it, so a row cannot be put in the place of another.
/// </summary>
internal static class SecretSeal
{
    public const int KeyIdBytes = 8;

    private const int MarkBytes = 4, NonceBytes = 12, TagBytes = 16;
    private const int NonceAt = MarkBytes + KeyIdBytes, TagAt = NonceAt + NonceBytes, ValueAt = TagAt + TagBytes;

    private static ReadOnlySpan<byte> Mark => [(byte)'O', (byte)'R', (byte)'S', 1];

    public static byte[] Seal(string name, string value, SecretKey key)
    {
        var plain = Encoding.UTF8.GetBytes(value);
        var result = new byte[ValueAt + plain.Length];
        Mark.CopyTo(result);
        key.Id.CopyTo(result, MarkBytes);
        RandomNumberGenerator.Fill(result.AsSpan(NonceAt, NonceBytes));
        using var cipher = new AesGcm(key.Value, TagBytes);
        cipher.Encrypt(result.AsSpan(NonceAt, NonceBytes), plain, result.AsSpan(ValueAt), result.AsSpan(TagAt, TagBytes), Authenticated(result, name));
        CryptographicOperations.ZeroMemory(plain);
        return result;
    }

    /// <exception cref="Core.Activities.ActivityException">Sealed with another key (ORC5262), or damaged or of a newer form (ORC5265).</exception>
    public static string Open(string name, ReadOnlySpan<byte> value, SecretKey key, string keyPath)
    {
        if (value.Length < ValueAt || !value.StartsWith(Mark[..3]))
        {
            throw SecretErrors.Damaged(name, "it is not a sealed secret");
        }

        if (value[3] != Mark[3])
        {
            throw SecretErrors.Damaged(name, $"it was sealed by a newer version of orc (form {value[3]}; this version knows {Mark[3]})");
        }

        if (!value.Slice(MarkBytes, KeyIdBytes).SequenceEqual(key.Id))
        {
            throw SecretErrors.WrongKey(name, keyPath);
        }

        var plain = new byte[value.Length - ValueAt];
        try
        {
            using var cipher = new AesGcm(key.Value, TagBytes);
            cipher.Decrypt(value.Slice(NonceAt, NonceBytes), value[ValueAt..], value.Slice(TagAt, TagBytes), plain, Authenticated(value, name));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw SecretErrors.Damaged(name, "its bytes are not those that were sealed under this name");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static byte[] Authenticated(ReadOnlySpan<byte> value, string name) => [.. value[..NonceAt], .. Encoding.UTF8.GetBytes(name)];
}
