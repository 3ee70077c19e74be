using System.Security.Cryptography;
using System.Text;
using Orchestrator.Runtime.Homes;

namespace Orchestrator.Runtime.Secrets;

/// <summary>The key that seals the secrets of one home.</summary>
internal sealed class SecretKey
{
    private const string Header = "orc-secrets-key-1";
    private const int Bytes = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly byte[] key;

    private SecretKey(byte[] key)
    {
        this.key = key;
        Id = SHA256.HashData([.. "orc secrets key id"u8, .. key])[..SecretSeal.KeyIdBytes];
    }

    /// <summary>Tells keys apart without telling the key.</summary>
    public byte[] Id { get; }

    public ReadOnlySpan<byte> Value => key;

    public static SecretKey New() => new(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The key of a file; null when there is no file.</summary>
    /// <exception cref="Core.Activities.ActivityException">Others may read it (ORC5263), or it holds no key (ORC5264).</exception>
    public static SecretKey? Find(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            throw SecretErrors.KeyReadableByOthers(path);
        }

        try
        {
            return File.ReadAllLines(path) is [Header, var text, ..] && Convert.FromBase64String(text) is { Length: Bytes } bytes
                ? new SecretKey(bytes)
                : throw SecretErrors.KeyUnreadable(path, $"it does not begin with {Header}, or its key is cut short");
        }
        catch (Exception error) when (error is FormatException || StorageFaults.IsStorage(error))
        {
            throw SecretErrors.KeyUnreadable(path, error.Message);
        }
    }

    /// <summary>Writes the key where only its owner can read it.</summary>
    /// <returns>False: another process has put a key there, which stays.</returns>
    public bool TryWrite(string path, bool replace = false)
    {
        // Written aside and moved in, so that nobody reads half a key.
        var draft = $"{path}.{Guid.NewGuid():N}.draft";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using (var file = new FileStream(draft, options))
            {
                file.Write(Encoding.ASCII.GetBytes($"{Header}\n{Convert.ToBase64String(key)}\n"));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, replace);
            return true;
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            File.Delete(draft);
            return false;
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            throw SecretErrors.KeyUnreadable(path, error.Message);
        }
    }
}
