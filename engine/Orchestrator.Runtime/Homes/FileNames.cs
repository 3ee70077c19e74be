namespace Orchestrator.Runtime.Homes;

/// <summary>Small rules about paths in a home.</summary>
internal static class FileNames
{
    /// <summary>A name that may become one part of a path, since it cannot lead out of its folder.</summary>
    /// <exception cref="ArgumentException">It could.</exception>
    public static string Checked(string name) =>
        name is { Length: > 0 and <= 200 } && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? name
            : throw new ArgumentException($"\"{name}\" cannot name a file of the home.", nameof(name));

    /// <summary>Makes a folder that only its owner may enter; an existing one stays as it is.</summary>
    public static void CreatePrivateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Removes a folder and all in it, as far as the system lets us.</summary>
    /// <returns>False: something is left.</returns>
    public static bool TryDeleteFolder(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            return true;
        }
        catch (Exception error) when (StorageFaults.IsStorage(error))
        {
            return false;
        }
    }
}
