using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Core.Values;

namespace Orchestrator.Data.Sources;

/// <summary>Opens the files that people name, and says what is wrong when one cannot be.</summary>
internal static partial class SourceFiles
{
    private static readonly (byte[] Start, string What)[] Signatures =
    [
        ([0x1F, 0x8B], "compressed with gzip"), ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive (an Excel workbook is one)"), ([0x28, 0xB5, 0x2F, 0xFD], "compressed with Zstandard"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook"), ([0x42, 0x5A, 0x68], "compressed with bzip2"),
    ];

    /// <summary>An address such as https://example.com/table.csv in a path that was made from one; null when there is none.</summary>
    private static string? AddressIn(string path) => AddressStart().Match(path.Replace('\\', '/')) is { Success: true } found ? $"{found.Groups["scheme"].Value}://{found.Groups["rest"].Value}" : null;

    [GeneratedRegex("(?:^|/)(?<scheme>https?|s3|gs|abfss?|ftp|file):/+(?<rest>.+)$", RegexOptions.IgnoreCase)]
    private static partial Regex AddressStart();

    /// <summary>Checks that a path is a file with something in it.</summary>
    public static FileStamp Check(string path)
    {
        if (Directory.Exists(path) || (!File.Exists(path) && path.AsSpan().ContainsAny("*?")))
        {
            throw DataErrors.NotAFile(path);
        }

        if (!File.Exists(path))
        {
            if (AddressIn(path) is { } address)
            {
                throw DataErrors.NotAPath(address);
            }

            throw DataErrors.FileMissing(path, Near(path));
        }

        var stamp = FileStamp.Of(path);
        return stamp.Length > 0 ? stamp : throw DataErrors.FileEmpty(path);
    }

    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (UnauthorizedAccessException)
        {
            throw DataErrors.NoPermission(path);
        }
        catch (IOException gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DataErrors.FileMissing(path, Near(path));
        }
    }

    public static SourceFormat FormatOf(string path, SourceFormat? said)
    {
        if (said is { } format)
        {
            return format;
        }

        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" or ".txt" => SourceFormat.Csv,
            ".tsv" or ".tab" => SourceFormat.Tsv,
            ".parquet" or ".pq" => SourceFormat.Parquet,
            ".jsonl" or ".ndjson" => SourceFormat.JsonLines,
            _ => throw DataErrors.UnknownEnding(path, Signature(path)),
        };
    }

    /// <summary>What a file's first bytes say it is, when it is none of the readable kinds of text.</summary>
    public static string? Signature(string path)
    {
        Span<byte> start = stackalloc byte[4];
        using var file = Open(path);
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        foreach (var (signature, what) in Signatures)
        {
            if (start[..read].StartsWith(signature))
            {
                return what;
            }
        }

        return start[..read].SequenceEqual("PAR1"u8) ? "a Parquet file" : null;
    }

    /// <summary>An encoding that throws on bytes that mean nothing in it; null for UTF-8, which needs no translation.</summary>
    public static Encoding? EncodingOf(string name)
    {
        const int Windows1252 = 1252;
        Encoding? found = name.ToLowerInvariant().Replace("_", "-", StringComparison.Ordinal) switch
        {
            "utf-8" or "utf8" => null,
            "latin1" or "latin-1" or "iso-8859-1" => Encoding.Latin1,
            "windows-1252" or "cp1252" => CodePagesEncodingProvider.Instance.GetEncoding(Windows1252),
            "utf-16" or "utf-16le" or "utf16" => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            "utf-16be" => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => throw DataErrors.UnknownEncoding(name),
        };
        return found;
    }

    private static string? Near(string path)
    {
        var folder = Path.GetDirectoryName(path);
        return Directory.Exists(folder)
            ? NearNames.Find(Path.GetFileName(path), Directory.EnumerateFiles(folder).Take(1000).Select(file => Path.GetFileName(file)))
            : null;
    }
}
