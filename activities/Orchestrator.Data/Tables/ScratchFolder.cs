namespace Orchestrator.Data.Tables;

/// <summary>A folder for work that has no attempt around it; gone afterwards.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orc-data-").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // Something still holds a file; the folder is in the system's temporary place all the same.
        }
    }
}
