using Orchestrator.Core.Activities;
using Orchestrator.Core.Secrets;

namespace Orchestrator.Activities.Commands;

/// <summary>A secret as a file of one attempt: in its working folder, for its owner alone, and gone with the folder.</summary>
internal static class SecretFile
{
    /// <summary>The folder of such files, in the working folder.</summary>
    public const string FolderName = "secrets";

    /// <returns>The file's path.</returns>
    /// <exception cref="ActivityException">The name could not be a variable's (ORC5618), and so might lead out of the folder.</exception>
    public static string Write(ActivityContext context, string variable, string value)
    {
        if (!SecretRef.IsName(variable))
        {
            throw CommandErrors.BadVariable(variable);
        }

        var folder = Path.Combine(context.WorkingDirectory, FolderName);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var path = Path.Combine(folder, variable);
        using var writer = new StreamWriter(path, options);
        writer.Write(value);
        return path;
    }
}
