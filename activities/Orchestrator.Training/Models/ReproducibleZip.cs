using System.IO.Compression;

namespace Orchestrator.Training.Models;

/// <summary>Zips whose bytes depend on their content only.</summary>
internal static class ReproducibleZip
{
    // A zip cannot say an earlier date; every entry has this one.
    private static readonly DateTimeOffset NoDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Add(ZipArchive zip, string name, byte[] content)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = NoDate;
        using var stream = entry.Open();
        stream.Write(content);
    }

    /// <summary>The same zip with the time taken out of every entry, in order of name.</summary>
    public static byte[] WithoutDates(byte[] zipped)
    {
        using var source = new ZipArchive(new MemoryStream(zipped), ZipArchiveMode.Read);
        using var bytes = new MemoryStream();
        using (var target = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in source.Entries.OrderBy(entry => entry.FullName, StringComparer.Ordinal))
            {
                Add(target, entry.FullName, Read(entry));
            }
        }

        return bytes.ToArray();
    }

    public static byte[] Read(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }
}
